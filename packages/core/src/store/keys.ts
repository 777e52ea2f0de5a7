import type { RankingWindow } from '../model/ranking.js'
import type { EntryReferenceKey, StoredReferenceKey } from '../model/reference.js'

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

/** Rows that are locked until the commit, by table. */
export interface LockKeys {
  /** Names of jobs. */
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
  /** Product ids. A product's overdue holds come with it: the lock of a product covers its holds. */
  readonly products: readonly string[]
  /** By loss id. */
  readonly historyLosses: readonly string[]
}

/** Rows that are read after all locks are held, without a lock of their own. */
export interface ReadKeys {
  /** Needs no lock: an outcome is only ever inserted, under a unique key. */
  readonly outcomes: readonly OutcomeKey[]
  /** Needs no lock: a reference is only ever inserted, under a unique key. */
  readonly references: readonly StoredReferenceKey[]
  /** Entries that carry these references. Needs no lock: no two entries of a kind may carry the same one. */
  readonly referencedEntries: readonly EntryReferenceKey[]
  /** Users whose opening entry is read. Needs no lock: it is only ever inserted, together with the wallet. */
  readonly openings: readonly string[]
  /** Only whether these users have a wallet is read: once true, it stays true. */
  readonly users: readonly string[]
  /**
   * Users whose units of the locked products with a purchase limit are counted. The lock of a product covers them: every
   * command that changes an order with a line of it locks the product.
   */
  readonly buyers: readonly string[]
  /**
   * Users whose open orders are counted. Their wallets are locked, too. A wallet that does not exist excludes as one that does:
   * two calls that count the open orders of one user never overlap.
   */
  readonly openOrders: readonly string[]
  /** Folded codes whose coupon is looked up. Needs no lock: a code never changes, and no two coupons have the same. */
  readonly couponCodes: readonly string[]
  /** Only the terms of these coupons are read, so redeeming never waits for a contended coupon. */
  readonly terms: readonly string[]
  /** Windows whose best sellers are read. */
  readonly sales: readonly SalesKey[]
}

/** The rows that a group needs: each list sorted, without duplicates. */
export interface Keys {
  /** Locked until the commit. */
  readonly lock: LockKeys
  /** Read without a lock. */
  readonly read: ReadKeys
}

/** Keys of which only some lists are given. */
export interface SomeKeys {
  /** Locked until the commit. */
  readonly lock?: Partial<LockKeys> | undefined
  /** Read without a lock. */
  readonly read?: Partial<ReadKeys> | undefined
}

/** The rows that a command needs. Its idempotency key and its reference are not among them: the engine adds them. */
export interface CommandKeys {
  /** Rows that the command changes, or whose values its decision depends on. */
  readonly lock?: Partial<LockKeys> | undefined
  /** Rows that are only read, and whose facts stay true without a lock. */
  readonly read?: Partial<Omit<ReadKeys, 'outcomes' | 'references' | 'referencedEntries'>> | undefined
}

/** A list of keys that are locked; also the name of its table. */
export type LockName = keyof LockKeys

/** A list of keys that are read without a lock. */
export type ReadName = keyof ReadKeys

/** A list of keys. */
export type KeyName = LockName | ReadName
