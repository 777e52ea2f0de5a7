import type { Request, Response } from 'express'
import { ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit'
import { refuse } from './problem.js'

/** Counts a write of a caller; refuses with RATE_LIMITED when it has had its share of this minute. */
export type RateLimit = (request: Request, response: Response, caller: string | undefined) => Promise<void>

/** Who is not known by name is known by address. */
const keyOf = (request: Request, caller: string | undefined): string =>
  caller === undefined ? `address ${ipKeyGenerator(request.ip ?? '')}` : `user ${caller}`

export const rateLimitOf = (perMinute: number, store?: Store): RateLimit => {
  if (perMinute === 0) return async () => {}
  const callers = new WeakMap<Request, string | undefined>()
  const limiter = rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    ...(store && { store }),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator: (request) => keyOf(request, callers.get(request)),
    handler: (_request, _response, next) => next(refuse('RATE_LIMITED')),
  })
  return (request, response, caller) => {
    callers.set(request, caller)
    return new Promise((resolve, reject) => {
      limiter(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)))
    })
  }
}
