// The texts of the keys are a wire format: servers of two releases share them during a rolling update.
// So the texts 'places', 'leave' and 'edition' stay, although the code says reservations, refresh lock and generation.
// Pages have a number: a server of the release before stores rows without hours, sales and limits.

import type { Day } from '@shop/core/store'

/** The first characters of every key of this package. The keys of locks begin with the `prefix` of their options. */
export const keyPrefix = 'shop:'

/**
 * How long keys outlive their last use, in milliseconds. Redis holds only copies and leases, so every key expires.
 * If one is lost, the next caller reads the database.
 */
export const lifetimes = {
  /** The users known to have a coupon. */
  issuedMs: 24 * 3_600_000,
  /** The generation of the catalogue. */
  generationMs: 24 * 3_600_000,
  /** The last fencing token of a lock, counted from when the clock passes it. Covers a clock that is set back by less. */
  tokenMs: 24 * 3_600_000,
  /** The key that a health check writes. */
  probeMs: 60_000,
} as const

/** Written by a health check, to find out whether Redis accepts writes. */
export const probeKey = `${keyPrefix}probe`

/** As `probeKey`, one of many keys in different cluster slots. */
export const probeKeyOf = (number: number): string => `${keyPrefix}{probe${number}}`

/** Keys with the same text in braces share a cluster slot, so that one script can use them. */
const tagged = (tag: string) => (name: string) => `${keyPrefix}{${tag}}:${name}`

/**
 * The keys of a coupon's gate. `database` is the database's id.
 *
 * - `issued`, set: users whose issued coupon has committed; expires `lifetimes.issuedMs` after the last change.
 * - `reservations`, sorted set: users whose issue the database is deciding, by expiry (ms); two leases.
 * - `terms`, hash: `quantity`, `issued` and `validUntil` as the database had them, or `absent`; `termsMs` from before the read.
 * - `refreshLock`, string: the token of the server that reads the terms; `termsMs`.
 * - `changes`, sorted set: changes of the coupon that are under way, by expiry (ms); two times `changeMs`.
 */
export const gateKeys = (database: string, couponId: string) => {
  const key = tagged(`${database}:gate:${couponId}`)
  return {
    issued: key('issued'),
    reservations: key('places'),
    terms: key('terms'),
    refreshLock: key('leave'),
    changes: key('changes'),
  }
}

/** Names a page of the product list. */
export interface PageOfProducts {
  /** Products before the page: an integer ≥ 0. */
  readonly offset: number
  /** Products on the page, at most: an integer ≥ 1. */
  readonly limit: number
  /** Only products whose name contains it. @default Every product. */
  readonly keyword?: string | undefined
}

/**
 * The keys of the product cache.
 *
 * - `generation`, string: deleted by every write to a product; expires `lifetimes.generationMs` after the last lookup.
 * - `page`, hash: rows with their generation and the time of the read; the cache's `ttlMs` from before the read.
 * - `refreshing`, string: a server is reading the page again; `ttlMs`.
 */
export const catalogKeys = (database: string) => {
  const key = tagged(`${database}:catalog`)
  return {
    generation: key('edition'),
    page: ({ offset, limit, keyword = '' }: PageOfProducts) => key(`page2:${offset}:${limit}:${keyword}`),
    refreshing: ({ offset, limit, keyword = '' }: PageOfProducts) => key(`renewing2:${offset}:${limit}:${keyword}`),
  }
}

/**
 * The keys of the popular products. Days are those of one time zone.
 *
 * - `sums`, sorted set: every product of a day by units sold; the ranking's `dayMs` from the read.
 * - `refreshLock`, string: the token of the server that reads the day; ten seconds.
 * - `gathered`, sorted set: what that server has written so far; as `sums`.
 * - `window`, sorted set: the union of several days; deleted by the script that makes it.
 */
export const rankingKeys = (database: string, timeZone: string) => {
  const key = tagged(`${database}:sales:${timeZone}`)
  return {
    sums: (day: Day) => key(`sums:${day}`),
    refreshLock: (day: Day) => key(`leave:${day}`),
    gathered: (day: Day, token: string) => key(`gathered:${day}:${token}`),
    window: key('window'),
  }
}

/**
 * The keys of the locks. They share a slot, because one step can take several locks.
 *
 * - `held`, string: the holder's random value; one lease from the last renewal.
 * - `token`, string: the last fencing token of the name; expires `lifetimes.tokenMs` after the clock has passed it.
 */
export const lockKeys = (prefix: string) => ({
  held: (name: string) => `${prefix}:{locks}:held:${name}`,
  token: (name: string) => `${prefix}:{locks}:token:${name}`,
})

/** The stream of events, unless its sender has another one. It does not expire: it holds what other programs read. */
export const eventStream = `${keyPrefix}events`

/**
 * The first characters of the keys that count requests for rate limits. Each count expires with its window. No two counts
 * are used together, so each has its own cluster slot.
 */
export const rateLimitPrefix = (database: string): string => `${keyPrefix}${database}:rate:`
