import type { Request, Response } from 'express'
import type { Store } from 'express-rate-limit'
import { bucketOf, type CountName, mostOf, type RateLimit, type RateLimits, rateLimitsOf } from '../http/rate-limit.js'
import type { Counted, CountedRun } from '../workers/messages.js'

interface Noted {
  readonly count: CountedRun
  readonly response: Response
  readonly userId: string | undefined
}

/** Counts that have come with an answer, by caller: the limit of a request takes the one of its own answer. */
class CountsOfAnswers {
  readonly #counted = new Map<string, Counted[]>()

  add(key: string, counted: Counted): void {
    this.#counted.set(key, [...(this.#counted.get(key) ?? []), counted])
  }

  readonly store: Store = {
    increment: async (key) => {
      const [first, ...rest] = this.#counted.get(key) ?? []
      if (rest.length > 0) this.#counted.set(key, rest)
      else this.#counted.delete(key)
      const { totalHits = 0, resetAt } = first ?? {}
      return { totalHits, resetTime: resetAt === undefined ? undefined : new Date(resetAt) }
    },
    decrement() {},
    resetKey() {},
  }
}

/**
 * Rate limits of requests that the engine runs. The engine counts a request in the same message that runs it, and runs none
 * beyond the limit. What it has counted goes into the headers of the response.
 */
export class RunLimits {
  /** Note a request instead of counting it. */
  readonly limits: RateLimits
  readonly #most: Readonly<Record<CountName, number>>
  readonly #noted = new WeakMap<Request, Noted>()
  readonly #counts = { writes: new CountsOfAnswers(), reads: new CountsOfAnswers() }
  readonly #headers: RateLimits

  constructor(perMinute: number) {
    this.#most = mostOf(perMinute)
    this.#headers = rateLimitsOf(perMinute, { writes: this.#counts.writes.store, reads: this.#counts.reads.store })
    this.limits = { writes: this.#noting('writes'), reads: this.#noting('reads') }
  }

  /** What the engine is to count before it runs this request; undefined if it is not limited. */
  countFor(request: Request): CountedRun | undefined {
    return this.#noted.get(request)?.count
  }

  /** Adds what the engine has counted to the headers of the response. */
  async show(request: Request, counted: Counted): Promise<void> {
    const noted = this.#noted.get(request)
    if (!noted) return
    const { count, response, userId } = noted
    this.#counts[count.count].add(count.key, counted)
    await this.#headers[count.count](request, response, userId)
  }

  #noting(count: CountName): RateLimit {
    const most = this.#most[count]
    return async (request, response, userId) => {
      const key = bucketOf(request, userId)
      if (most > 0) this.#noted.set(request, { count: { count, key, most }, response, userId })
      return undefined
    }
  }
}
