import { isIP } from 'node:net'
import type { Request, Response } from 'express'
import { ipKeyGenerator, type Options, type RateLimitInfo, rateLimit, type Store } from 'express-rate-limit'
import { BoundedCounts } from '../util/bounded-counts.js'
import { type RequestRefused, refuse } from './problem.js'

/**
 * Counts a request by user, or by address if the user is unknown, apart for each shop of a server. Resolves with RATE_LIMITED if the limit of
 * this minute is exceeded.
 */
export type RateLimit = (
  request: Request,
  response: Response,
  userId: string | undefined,
  shopId?: string,
) => Promise<RequestRefused | undefined>

/** Some proxies append the port to an address. */
const addressWithPort = /^(?:\[(.+)\]|([^:]+))(?::\d{1,5})?$/

const addressIn = (text: string | undefined = ''): string | undefined => {
  const [, six, four] = addressWithPort.exec(text) ?? []
  const address = (six ?? four ?? text).replace(/%.*$/, '')
  return isIP(address) === 0 ? undefined : address
}

/** IPv6 addresses are counted by network: one caller usually owns a whole network of this size. */
const networkBits = 64

/**
 * The key under which requests are counted. User keys and address keys cannot collide, because ids contain no
 * spaces. If a proxy names no valid address, the address of the connection counts.
 */
export const bucketOf = (
  { ip, socket }: Pick<Request, 'ip' | 'socket'>,
  userId: string | undefined,
  shopId = '',
): string => {
  const shop = shopId === '' ? '' : `shop ${shopId} `
  if (userId !== undefined) return `${shop}user ${userId}`
  const address = addressIn(ip) ?? addressIn(socket.remoteAddress)
  return `${shop}address ${address === undefined ? 'unknown' : ipKeyGenerator(address, networkBits)}`
}

const windowMs = 60_000

/** The limits: of writes, and of public reads. */
export type CountName = 'writes' | 'reads'

export type RateLimits = Readonly<Record<CountName, RateLimit>>

/** A page shows what several reads have found, and many people may share an address. */
const readsPerWrite = 10

/** How many requests each limit lets pass in a minute. 0 turns both off. */
export const mostOf = (perMinute: number): Readonly<Record<CountName, number>> => ({
  writes: perMinute,
  reads: perMinute * readsPerWrite,
})

/** Set by express-rate-limit on counted requests. */
interface Counted extends Request {
  readonly rateLimit?: RateLimitInfo
}

/** Refusal: RATE_LIMITED, with the seconds until the window ends, at a time in milliseconds since 1970. */
export const limitedUntil = (endsAt = Date.now() + windowMs): RequestRefused =>
  refuse('RATE_LIMITED', { 'retry-after': String(Math.max(1, Math.ceil((endsAt - Date.now()) / 1_000))) })

export interface RateLimitOptions {
  /** Store of the counts. @default memory of this process */
  readonly store?: Store | undefined
  /** Adds rate limit headers to responses. */
  readonly headers: boolean
}

/** Makes a store count in the window of our limits, where no limit of this process does. */
export const initCounts = (store: Store): Store => {
  store.init?.({ windowMs } as Options)
  return store
}

/** Creates a rate limit. 0 turns it off. */
const rateLimitOf = (perMinute: number, { store, headers }: RateLimitOptions): RateLimit => {
  if (perMinute === 0) return async () => undefined
  const buckets = new WeakMap<Request, string>()
  const limiter = rateLimit({
    windowMs,
    limit: perMinute,
    store: store ?? new BoundedCounts(),
    standardHeaders: headers && 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator: (request) => buckets.get(request) ?? bucketOf(request, undefined),
    handler: (request, _response, next) => next(limitedUntil((request as Counted).rateLimit?.resetTime?.getTime())),
  })
  return (request, response, userId, shopId) => {
    buckets.set(request, bucketOf(request, userId, shopId))
    return new Promise((resolve) => {
      limiter(request, response, (refused?: unknown) => resolve(refused as RequestRefused | undefined))
    })
  }
}

/** The limits of writes and of public reads. Only the former add headers to responses. */
export const rateLimitsOf = (
  perMinute: number,
  stores: Readonly<Partial<Record<CountName, Store | undefined>>>,
): RateLimits => {
  const { writes, reads } = mostOf(perMinute)
  return {
    writes: rateLimitOf(writes, { store: stores.writes, headers: true }),
    reads: rateLimitOf(reads, { store: stores.reads, headers: false }),
  }
}
