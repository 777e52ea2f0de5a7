import { isIP } from 'node:net'
import type { Request, Response } from 'express'
import { ipKeyGenerator, type RateLimitInfo, rateLimit, type Store } from 'express-rate-limit'
import { BoundedCounts } from '../util/bounded-counts.js'
import { type RequestRefused, refuse } from './problem.js'

/**
 * Counts a request of a user, or of an address if no user is known. Answers RATE_LIMITED where this minute's share was
 * used up before.
 */
export type RateLimit = (
  request: Request,
  response: Response,
  userId: string | undefined,
) => Promise<RequestRefused | undefined>

/** Some proxies write the port behind an address. */
const withPort = /^(?:\[(.+)\]|([^:]+))(?::\d{1,5})?$/

const addressIn = (text: string | undefined = ''): string | undefined => {
  const [, six, four] = withPort.exec(text) ?? []
  const address = (six ?? four ?? text).replace(/%.*$/, '')
  return isIP(address) === 0 ? undefined : address
}

/** Of IPv6, a caller has a whole network of this size. */
const networkBits = 64

/**
 * What is counted together. Users and addresses never meet: no id has a blank. A proxy that names no address does not
 * vouch for its caller.
 */
const bucketOf = ({ ip, socket }: Pick<Request, 'ip' | 'socket'>, userId: string | undefined): string => {
  if (userId !== undefined) return `user ${userId}`
  const address = addressIn(ip) ?? addressIn(socket.remoteAddress)
  return `address ${address === undefined ? 'unknown' : ipKeyGenerator(address, networkBits)}`
}

const windowMs = 60_000

/** Lately counted requests carry it. */
interface Counted extends Request {
  readonly rateLimit?: RateLimitInfo
}

const secondsLeft = ({ rateLimit: info }: Counted): string => {
  const endsAt = info?.resetTime?.getTime() ?? Date.now() + windowMs
  return String(Math.max(1, Math.ceil((endsAt - Date.now()) / 1_000)))
}

export interface RateLimitOptions {
  /** Where requests are counted. @default this process */
  readonly store?: Store | undefined
  /** Whether answers say how much is left. */
  readonly headers: boolean
}

/** 0 is off. */
export const rateLimitOf = (perMinute: number, { store, headers }: RateLimitOptions): RateLimit => {
  if (perMinute === 0) return async () => undefined
  const users = new WeakMap<Request, string | undefined>()
  const limiter = rateLimit({
    windowMs,
    limit: perMinute,
    store: store ?? new BoundedCounts(),
    standardHeaders: headers && 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator: (request) => bucketOf(request, users.get(request)),
    handler: (request, _response, next) => next(refuse('RATE_LIMITED', { 'retry-after': secondsLeft(request) })),
  })
  return (request, response, userId) => {
    users.set(request, userId)
    return new Promise((resolve) => {
      limiter(request, response, (refused?: unknown) => resolve(refused as RequestRefused | undefined))
    })
  }
}
