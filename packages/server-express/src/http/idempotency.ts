import { type InvalidField, idempotencyKeyPattern, idempotencyKeyRule } from '@shop/core'
import { refuse } from './problem.js'

/** What is wrong with an Idempotency-Key. Node joins a repeated header with a comma and a space, and a space is not allowed. */
export const checkKey = (key: string | undefined): readonly InvalidField[] =>
  key === undefined || idempotencyKeyPattern.test(key)
    ? []
    : [{ path: 'Idempotency-Key', message: `${idempotencyKeyRule}, once` }]

/** So many requests with one key wait for the first of them; those beyond are told so at once. */
const maxWaiting = 100

/** Counts the requests under way by caller and key. Who repeats a request without end cannot fill the queue of the shop. */
export class InFlightKeys {
  readonly #counts = new Map<string, number>()

  /** Refused: IDEMPOTENCY_IN_PROGRESS. */
  async hold<T>(scope: string, key: string, work: () => Promise<T>): Promise<T> {
    const name = `${scope} ${key}`
    const count = this.#counts.get(name) ?? 0
    if (count >= maxWaiting) throw refuse('IDEMPOTENCY_IN_PROGRESS')
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
