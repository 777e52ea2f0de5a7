import type { RankingWindow } from '../model/ranking.js'

/** Names a user's copy of a coupon. */
export interface IssuedCouponKey {
  /** The coupon's id. */
  readonly couponId: string
  /** The user who has it. */
  readonly userId: string
}

/** Names the outcome of an idempotency key. */
export interface OutcomeKey {
  /** Who sent the key. */
  readonly scope: string
  /** The key. */
  readonly key: string
}

/** Names the sales of a window of days. */
export interface SalesKey extends RankingWindow {
  /** How many products the ranking shows. */
  readonly size: number
}

/** The rows that commands need, each list in canonical order and without repetition. */
export interface Keys {
  /** Locked until the commit, in the order in which they stand here. */
  readonly fences: readonly string[]
  /** By name. */
  readonly rankings: readonly string[]
  /** By event id. */
  readonly events: readonly string[]
  /** By order id. */
  readonly orders: readonly string[]
  /** By user id. */
  readonly wallets: readonly string[]
  /** By coupon id. */
  readonly coupons: readonly string[]
  /** By coupon id and user id. */
  readonly issuedCoupons: readonly IssuedCouponKey[]
  /** With a product come its overdue holds; with an order come all its holds: holds belong to the lock of their product. */
  readonly products: readonly string[]
  /** Read after the locks are held, not locked themselves: an outcome is only ever inserted, under a unique key. */
  readonly outcomes: readonly OutcomeKey[]
  /** Only whether these users have a wallet is read: once true, it stays true. */
  readonly users: readonly string[]
  /** Only the terms of these coupons are read: redeeming never waits for the coupon that everybody claims. */
  readonly terms: readonly string[]
  /** Read, not locked: what products sold in a window of days. */
  readonly sales: readonly SalesKey[]
}

export type KeyName = keyof Keys

/** The lists whose rows are locked, in the one order in which every transaction locks them. */
export const lockOrder = [
  'fences',
  'rankings',
  'events',
  'orders',
  'wallets',
  'coupons',
  'issuedCoupons',
  'products',
] as const satisfies readonly KeyName[]

/** No row at all. */
export const noKeys: Keys = {
  fences: [],
  rankings: [],
  events: [],
  orders: [],
  wallets: [],
  coupons: [],
  issuedCoupons: [],
  products: [],
  outcomes: [],
  users: [],
  terms: [],
  sales: [],
}

/** A text that is different for different keys. Ids hold no blank, so a blank may part them. */
export const keyText = {
  id: (id: string): string => id,
  issuedCoupon: ({ couponId, userId }: IssuedCouponKey): string => `${couponId} ${userId}`,
  outcome: ({ scope, key }: OutcomeKey): string => `${scope} ${key}`,
  hold: ({ orderId, productId }: { orderId: string; productId: string }): string => `${orderId} ${productId}`,
  sales: ({ timeZone, from, to, size }: SalesKey): string => `${timeZone} ${from} ${to} ${size}`,
}

const sorted = <K>(lists: readonly (readonly K[] | undefined)[], text: (key: K) => string): readonly K[] => {
  const found = new Map<string, K>()
  for (const list of lists) for (const key of list ?? []) found.set(text(key), key)
  if (found.size < 2) return [...found.values()]
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key)
}

/** The keys of several commands as one. Plain comparison of UTF-16 units: for ids the same order as SQL's collation "C". */
export const mergeKeys = (all: readonly Partial<Keys>[]): Keys => {
  const ids = (
    name: 'fences' | 'rankings' | 'events' | 'orders' | 'wallets' | 'coupons' | 'products' | 'users' | 'terms',
  ) =>
    sorted(
      all.map((keys) => keys[name]),
      keyText.id,
    )
  return {
    fences: ids('fences'),
    rankings: ids('rankings'),
    events: ids('events'),
    orders: ids('orders'),
    wallets: ids('wallets'),
    coupons: ids('coupons'),
    issuedCoupons: sorted(
      all.map((keys) => keys.issuedCoupons),
      keyText.issuedCoupon,
    ),
    products: ids('products'),
    outcomes: sorted(
      all.map((keys) => keys.outcomes),
      keyText.outcome,
    ),
    users: ids('users'),
    terms: ids('terms'),
    sales: sorted(
      all.map((keys) => keys.sales),
      keyText.sales,
    ),
  }
}
