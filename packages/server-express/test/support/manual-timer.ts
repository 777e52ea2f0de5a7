import type { CancellableTimer } from '../../src/util/cancellable-timer.js'

/** A timer that advances only when told to. */
export class ManualTimer implements CancellableTimer {
  #now = 0
  readonly #works = new Set<{ readonly at: number; readonly work: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, work: () => void): () => void {
    const entry = { at: this.#now + ms, work }
    this.#works.add(entry)
    return () => this.#works.delete(entry)
  }

  /** Number of works that wait. */
  get size(): number {
    return this.#works.size
  }

  /** Advances by this many milliseconds, and runs what becomes due on the way, in its order. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#works].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#works.delete(next)
      this.#now = next.at
      next.work()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

/** Lets everything run that needs no further time. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
