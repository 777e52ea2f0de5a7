import { refuse } from './problem.js'

/** Maximum number of concurrent requests with one key. Further ones are refused immediately. */
const maxPerKey = 100

/**
 * Counts requests in flight by caller and key. A client that repeats one request endlessly cannot fill the
 * queue of the shop.
 */
export class InFlightKeys {
  readonly #counts = new Map<string, number>()

  /** Refusal: IDEMPOTENCY_IN_PROGRESS. */
  async hold<T>(scope: string, key: string, work: () => Promise<T>): Promise<T> {
    const name = `${scope} ${key}`
    const count = this.#counts.get(name) ?? 0
    if (count >= maxPerKey) throw refuse('IDEMPOTENCY_IN_PROGRESS')
    this.#counts.set(name, count + 1)
    try {
      return await work()
    } finally {
      const left = (this.#counts.get(name) ?? 1) - 1
      if (left > 0) this.#counts.set(name, left)
      else this.#counts.delete(name)
    }
  }
}
