/**
 * What is under way, for things that come and go all the time. A `Set` leaves a table behind whenever it has made room, and
 * that table points to the next one: everything that was ever in it outlives its time, until the whole heap is collected.
 */
export class ActiveSet<T> {
  readonly #slots: (T | undefined)[] = []
  readonly #free: number[] = []

  /** Answers the slot by which it is taken out again, once. */
  put(item: T): number {
    const slot = this.#free.pop() ?? this.#slots.length
    this.#slots[slot] = item
    return slot
  }

  free(slot: number): void {
    this.#slots[slot] = undefined
    this.#free.push(slot)
  }

  all(): T[] {
    return this.#slots.filter((item) => item !== undefined)
  }
}
