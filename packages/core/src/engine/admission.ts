import { maxDelayMs, type Timer } from '../shared/timer.js'
import { ShopUnavailable } from '../store/store-error.js'

export interface AdmissionOptions {
  /** How many may run at once. */
  readonly atOnce: number
  /** How many may wait. Above it, further ones are rejected at once. */
  readonly maxQueued: number
  readonly timer: Timer
}

interface Waiting {
  begin(): void
  reject(error: ShopUnavailable): void
}

/** Admits a bounded number of transactions of the host at once. The others wait in the order of their arrival. */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #waiting = new Set<Waiting>()
  readonly #onIdle: (() => void)[] = []
  #running = 0
  #isClosed = false

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** Runs `work` once it is admitted. @throws ShopUnavailable if it is not admitted within `timeoutMs` */
  async run<T>(work: () => Promise<T>, timeoutMs: number): Promise<T> {
    if (this.#isClosed) throw new ShopUnavailable('the shop is stopping')
    if (this.#running < this.#options.atOnce) this.#running += 1
    else await this.#admitted(timeoutMs)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #admitted(timeoutMs: number): Promise<void> {
    const { maxQueued, timer } = this.#options
    if (this.#waiting.size >= maxQueued) throw new ShopUnavailable(`more than ${maxQueued} transactions are waiting`)
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { begin: resolve, reject }
      this.#waiting.add(waiting)
      timer.after?.(Math.min(timeoutMs, maxDelayMs), () => {
        if (!this.#waiting.delete(waiting)) return
        reject(new ShopUnavailable(`no transaction could begin within ${timeoutMs} ms; nothing was changed`))
      })
    })
  }

  /** Hands the place to the next one, which then counts as running. */
  #leave(): void {
    const [next] = this.#waiting
    if (next) {
      this.#waiting.delete(next)
      next.begin()
      return
    }
    this.#running -= 1
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve()
  }

  /** Rejects those who wait, and resolves once the running ones have ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { reject } of this.#waiting) reject(new ShopUnavailable('the shop is stopping'))
    this.#waiting.clear()
    if (this.#running > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }
}
