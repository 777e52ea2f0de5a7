/**
 * A set for items that come and go all the time. A `Set` that grows and shrinks keeps a chain of old tables,
 * and they keep every former item alive until a full garbage collection.
 */
export class ActiveSet<T> {
  readonly #slots: (T | undefined)[] = []
  readonly #free: number[] = []

  /** Returns a slot. Pass it to `free` exactly once. */
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
