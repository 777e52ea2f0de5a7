import { setTimeout } from 'node:timers/promises'

/** How long to pause before the next attempt, in milliseconds. */
const pauseMs = 100

/**
 * Waits for a database that has just gone away, as in a planned switchover. Callers that need a connection wait until the
 * database is back, but no longer than `waitMs` after the outage began. After that, every call fails at once, until one
 * attempt succeeds.
 */
export class Outage {
  readonly #waitMs: number
  readonly #now: () => number
  /** When it began. Undefined while the database is there. */
  #since: number | undefined

  /** `waitMs`: 0 never waits. */
  constructor(waitMs: number, now: () => number = () => performance.now()) {
    this.#waitMs = waitMs
    this.#now = now
  }

  /** Whether the next connection must prove that it leads to a primary. */
  get isSuspected(): boolean {
    return this.#since !== undefined
  }

  /** Whether callers wait now for the end of an outage. */
  get isAwaited(): boolean {
    return this.#since !== undefined && this.#now() - this.#since < this.#waitMs
  }

  /** Call it when the database turned out to accept no writes. */
  suspect(): void {
    if (this.#waitMs > 0) this.#since ??= this.#now()
  }

  /**
   * Repeats the attempt until it succeeds, or until the time is up. Then it rejects as the last attempt did. It does not
   * wait if `isOver` says that no attempt can succeed any more.
   */
  async outlast<T>(attempt: () => Promise<T>, isOver: () => boolean = () => false): Promise<T> {
    for (;;) {
      try {
        const result = await attempt()
        this.#since = undefined
        return result
      } catch (error) {
        this.suspect()
        if (!this.isAwaited || isOver()) throw error
        await setTimeout(pauseMs)
      }
    }
  }
}
