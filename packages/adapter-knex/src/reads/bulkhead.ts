import { StoreError } from '@shop/core/store'

export interface BulkheadOptions {
  /** Pieces of work that run at once, at most. */
  readonly width: number
  /** Pieces of work that wait, at most. @default 1_000 */
  readonly maxWaiting?: number
  /** How long each of them waits, in milliseconds. @default 1_000 */
  readonly waitMs?: number
}

/**
 * Keeps one kind of work from taking what others need, first come, first served. Work that does not get its turn was
 * never begun: it is `unavailable`.
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
      const timeout = setTimeout(() => {
        this.#waiting.delete(begin)
        reject(new StoreError('unavailable', `no connection for a read within ${this.#waitMs} ms`))
      }, this.#waitMs)
      this.#waiting.add(begin)
    })
  }
}
