import type { Coupon, CouponTerms, IssuedCoupon } from '../model/coupon.js'
import type { OutboxEvent } from '../model/event.js'
import type { Order } from '../model/order.js'
import type { Payment } from '../model/payment.js'
import type { Hold, Product } from '../model/product.js'
import type { Ranking, SalesCandidate, SalesChange } from '../model/ranking.js'
import type { Wallet, WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** What the first request with an idempotency key came to. `outcome` is plain JSON. */
export interface StoredOutcome {
  /** The caller whose key it is. */
  readonly scope: string
  /** The key. */
  readonly key: string
  /** Operation and input: the same key with another fingerprint is refused. */
  readonly fingerprint: string
  /** The outcome as plain JSON. */
  readonly outcome: unknown
  /** When it was stored. */
  readonly at: Instant
}

/** The highest token with which a job has written: a leader that was replaced while it slept finds a higher one. */
export interface Fence {
  /** The job's name. */
  readonly job: string
  /** The token. */
  readonly token: number
}

/** The row of each table. */
export interface Rows {
  /** Fencing tokens of jobs. */
  fences: Fence
  /** The popular products. */
  rankings: Ranking
  /** The transactional outbox. */
  events: OutboxEvent
  /** Orders with their lines. */
  orders: Order
  /** Prepaid balances. */
  wallets: Wallet
  /** Histories of balances. */
  entries: WalletEntry
  /** Coupons. */
  coupons: Coupon
  /** Users' copies of coupons. */
  issuedCoupons: IssuedCoupon
  /** The catalogue. */
  products: Product
  /** Units held for pending orders. */
  holds: Hold
  /** Payments of orders. */
  payments: Payment
  /** Outcomes of idempotency keys. */
  outcomes: StoredOutcome
}

/** The name of a table. */
export type TableName = keyof Rows

/** What a store found under some keys, as of the moment when all locks were held. Rows that are not there are left out. */
export interface Loaded {
  /** The store's time, read after the locks were taken. */
  readonly now: Instant
  /** Those that were locked. */
  readonly fences: readonly Fence[]
  /** Those that were locked. */
  readonly rankings: readonly Ranking[]
  /** Those that were locked. */
  readonly events: readonly OutboxEvent[]
  /** Those that were locked. */
  readonly orders: readonly Order[]
  /** Those that were locked. */
  readonly wallets: readonly Wallet[]
  /** Those that were locked. */
  readonly coupons: readonly Coupon[]
  /** Those that were locked. */
  readonly issuedCoupons: readonly IssuedCoupon[]
  /** Those that were locked. */
  readonly products: readonly Product[]
  /** Every hold of a locked order, and every hold of a locked product whose deadline has passed at `now`; each once. */
  readonly holds: readonly Hold[]
  /** Those that are stored. */
  readonly outcomes: readonly StoredOutcome[]
  /** Those of the users that have a wallet. */
  readonly users: readonly string[]
  /** The terms of the coupons; a whole coupon will do. */
  readonly terms: readonly CouponTerms[]
  /**
   * One list per sales key. At least the `size` listed products with the most units sold in the window and all that
   * sold as many as the last of them; more do no harm. Which of them lead is decided in core.
   */
  readonly sales: readonly (readonly SalesCandidate[])[]
}

/** What changes in one table, every row at most once. */
export interface TableChanges<Row> {
  /** Rows that were not there when the keys were loaded. */
  readonly inserted: readonly Row[]
  /** Rows that were there, as they are now. */
  readonly updated: readonly Row[]
  /** Rows that were there and are gone. */
  readonly removed: readonly Row[]
}

/** All that a group changes, every row at most once: what its transaction writes. */
export type Changes = { readonly [T in TableName]: TableChanges<Rows[T]> } & {
  /** To be added to the daily sums: one change per time zone, day and product. */
  readonly sales: readonly SalesChange[]
}
