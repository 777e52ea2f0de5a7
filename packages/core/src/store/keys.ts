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

/** Rows that are locked until the commit. */
export interface LockKeys {
  readonly fences: readonly string[]
  readonly rankings: readonly string[]
  readonly events: readonly string[]
  /** With an order come all its holds. */
  readonly orders: readonly string[]
  readonly wallets: readonly string[]
  readonly coupons: readonly string[]
  readonly issuedCoupons: readonly IssuedCouponKey[]
  /** With a product come its overdue holds: the lock of a product covers its holds. */
  readonly products: readonly string[]
}

/** What is read once all locks are held, without a lock of its own. */
export interface ReadKeys {
  /** Needs no lock: an outcome is only ever inserted, under a unique key. */
  readonly outcomes: readonly OutcomeKey[]
  /** Only whether these users have a wallet is read: once true, it stays true. */
  readonly users: readonly string[]
  /** Only the terms of these coupons are read: redeeming never waits for the coupon that everybody claims. */
  readonly terms: readonly string[]
  readonly sales: readonly SalesKey[]
}

/** The rows that a group needs, each list in canonical order and without repetition. */
export interface Keys {
  readonly lock: LockKeys
  readonly read: ReadKeys
}

/** Keys of which only some lists are given. */
export interface SomeKeys {
  readonly lock?: Partial<LockKeys> | undefined
  readonly read?: Partial<ReadKeys> | undefined
}

/** The rows that a command needs. The outcome of its idempotency key is not among them: the engine adds it. */
export interface CommandKeys {
  readonly lock?: Partial<LockKeys> | undefined
  readonly read?: Partial<Omit<ReadKeys, 'outcomes'>> | undefined
}

export type LockName = keyof LockKeys

export type ReadName = keyof ReadKeys

export type KeyName = LockName | ReadName
