import { StoreError } from '@shop/core/store'

/** Options of a bulkhead. */
export interface BulkheadOptions {
  /** How many tasks may run at once. */
  readonly width: number
  /** How many tasks may wait. @default 1000 */
  readonly maxWaiting?: number
  /** How long a task may wait, in milliseconds. @default 1000 */
  readonly waitMs?: number
}

/**
 * Limits how many tasks of one kind run at once, so that they leave resources to others. First come, first served.
 * A task that cannot start in time is never started: it rejects with a `StoreError` of kind `unavailable`.
 */
export class Bulkhead {
  readonly #maxWaiting: number
  readonly #waitMs: number
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor({ width, maxWaiting = 1_000, waitMs = 1_000 }: BulkheadOptions) {
    this.#free = width
    this.#maxWaiting = maxWaiting
    this.#waitMs = waitMs
  }

  /** While `isHeldUp` returns true, the task waits on: what it waits for is not the fault of those that run. */
  async run<T>(work: () => Promise<T>, isHeldUp: () => boolean = () => false): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(isHeldUp)
    try {
      return await work()
    } finally {
      const [next] = this.#waiting
      if (next) next()
      else this.#free += 1
    }
  }

  #turn(isHeldUp: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= this.#maxWaiting) {
        reject(new StoreError('unavailable', `more than ${this.#maxWaiting} reads are waiting`))
        return
      }
      const begin = () => {
        clearTimeout(timeout)
        this.#waiting.delete(begin)
        resolve()
      }
      const giveUp = () => {
        if (isHeldUp()) {
          timeout = setTimeout(giveUp, this.#waitMs)
          return
        }
        this.#waiting.delete(begin)
        reject(new StoreError('unavailable', `no connection for a read within ${this.#waitMs} ms`))
      }
      let timeout = setTimeout(giveUp, this.#waitMs)
      this.#waiting.add(begin)
    })
  }
}
