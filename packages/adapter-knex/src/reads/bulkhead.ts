import { StoreError } from '@shop/core/store'

/** Options of a bulkhead. */
export interface BulkheadOptions {
  /** How many tasks may run at once. */
  readonly width: number
  /** How many tasks may wait. @default 1000 */
  readonly maxWaiting?: number
  /** How long a task may wait, in milliseconds. @default 1000 */
  readonly waitMs?: number
  /** While it returns true, tasks wait on: what they wait for is not the fault of those that run. @default false */
  readonly isHeldUp?: () => boolean
}

/**
 * Limits how many tasks of one kind run at once, so that they leave resources to others. First come, first served.
 * A task that cannot start in time is never started: it rejects with a `StoreError` of kind `unavailable`.
 */
export class Bulkhead {
  readonly #maxWaiting: number
  readonly #waitMs: number
  readonly #isHeldUp: () => boolean
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor({ width, maxWaiting = 1_000, waitMs = 1_000, isHeldUp = () => false }: BulkheadOptions) {
    this.#free = width
    this.#maxWaiting = maxWaiting
    this.#waitMs = waitMs
    this.#isHeldUp = isHeldUp
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn()
    try {
      return await work()
    } finally {
      const [next] = this.#waiting
      if (next) next()
      else this.#free += 1
    }
  }

  #turn(): Promise<void> {
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
        if (this.#isHeldUp()) {
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
