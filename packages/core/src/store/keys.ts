import type { RankingWindow } from '../model/ranking.js'

export interface IssuedCouponKey {
  readonly couponId: string
  readonly userId: string
}

export interface OutcomeKey {
  readonly scope: string
  readonly key: string
}

export interface SalesKey extends RankingWindow {
  /** How many products the ranking shows. */
  readonly size: number
}

/** The rows that commands need, each list in canonical order and without repetition. */
export interface Keys {
  /** Locked until the commit, in the order in which they stand here. */
  readonly fences: readonly string[]
  readonly rankings: readonly string[]
  readonly events: readonly string[]
  readonly orders: readonly string[]
  readonly wallets: readonly string[]
  readonly coupons: readonly string[]
  readonly issuedCoupons: readonly IssuedCouponKey[]
  /** With a product come its overdue holds; with an order come all its holds: holds belong to the lock of their product. */
  readonly products: readonly string[]
  /** Read after the locks are held, not locked themselves: an outcome is only ever inserted, under a unique key. */
  readonly outcomes: readonly OutcomeKey[]
  /** Only whether these users have a wallet is read: once true, it stays true. */
  readonly users: readonly string[]
  /** Only the terms of these coupons are read: redeeming never waits for the coupon that everybody claims. */
  readonly terms: readonly string[]
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

/** A unique text per key. Ids contain no blank, so a blank can separate them. */
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

/** Merges the keys of several commands. Compares UTF-16 code units: for ids the same order as SQL's collation "C". */
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
