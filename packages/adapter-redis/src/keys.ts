import type { Day } from '@shop/core/store'

/** Every key of ours in Redis begins with it. */
export const keyPrefix = 'shop:'

/**
 * How long what stands in Redis outlives its last use, in milliseconds. Nothing lives for ever: Redis holds copies and
 * leases, and losing any of them costs a look into the database.
 */
export const lifetimes = {
  /** Users known to have a coupon. */
  issuedMs: 24 * 3_600_000,
  /** The edition of the catalogue. */
  editionMs: 24 * 3_600_000,
  /** The last fencing token of a lock, once the clock has passed it. A clock that is set back by less does no harm. */
  tokenMs: 24 * 3_600_000,
  /** What the question whether Redis serves leaves behind. */
  probeMs: 60_000,
} as const

/** Written to find out whether Redis serves. */
export const probeKey = `${keyPrefix}probe`

/** What stands in braces decides the slot in a cluster: keys that one script uses share it. */
const tagged = (tag: string) => (name: string) => `${keyPrefix}{${tag}}:${name}`

/**
 * The keys of a coupon's gate, in the database with the id `database`.
 *
 * - `issued`, set: users whose issued coupon has committed; `lifetimes.issuedMs` after the last change.
 * - `places`, sorted set: users whose issue is under way; at most two leases.
 * - `terms`, hash: the coupon as read of the database; `termsMs` from before the read.
 * - `leave`, string: who is reading the terms; `termsMs`.
 * - `changes`, sorted set: changes of the coupon that are under way; at most two of their leases.
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

export interface PageOfProducts {
  readonly offset: number
  readonly limit: number
  readonly keyword?: string | undefined
}

/**
 * The keys of the product cache.
 *
 * - `edition`, string: goes with every write to a product; `lifetimes.editionMs` after the last look at a page.
 * - `page`, hash: rows with their edition and the time of the read; the cache's `ttlMs` from before the read.
 * - `renewing`, string: somebody reads the page anew; `ttlMs`.
 */
export const catalogKeys = (database: string) => {
  const key = tagged(`${database}:catalog`)
  return {
    generation: key('edition'),
    page: ({ offset, limit, keyword = '' }: PageOfProducts) => key(`page:${offset}:${limit}:${keyword}`),
    renewing: ({ offset, limit, keyword = '' }: PageOfProducts) => key(`renewing:${offset}:${limit}:${keyword}`),
  }
}

/**
 * The keys of the popular products, by the days of one time zone.
 *
 * - `sums`, sorted set: a day's products by units, all of them; the ranking's `dayMs` from the read.
 * - `leave`, string: who is reading the day; `leaveMs`.
 * - `gathered`, sorted set: what that reader has brought so far; as `sums`.
 * - `window`, sorted set: the union of some days; gone when the script that makes it ends.
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
 * The keys of the locks. Several can be taken in one step, so all of them share a slot.
 *
 * - `held`, string: the holder's own random value; the lease, from the last extension.
 * - `token`, string: the last fencing token of the name; `lifetimes.tokenMs` after the clock has passed it.
 */
export const lockKeys = (prefix: string) => ({
  held: (name: string) => `${prefix}:{locks}:held:${name}`,
  token: (name: string) => `${prefix}:{locks}:token:${name}`,
})

/**
 * What the counts of the rate limits begin with; each goes with its window.
 */
export const rateLimitPrefix = (database: string): string => tagged(`${database}:rate`)('')
