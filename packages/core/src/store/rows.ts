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
  readonly key: string
  /** Operation and input: the same key with another fingerprint is refused. */
  readonly fingerprint: string
  readonly outcome: unknown
  readonly at: Instant
}

/** The highest token with which a job has written: a leader that was replaced while it slept finds a higher one. */
export interface Fence {
  readonly job: string
  readonly token: number
}

export interface Rows {
  fences: Fence
  rankings: Ranking
  events: OutboxEvent
  orders: Order
  wallets: Wallet
  entries: WalletEntry
  coupons: Coupon
  issuedCoupons: IssuedCoupon
  products: Product
  holds: Hold
  payments: Payment
  outcomes: StoredOutcome
}

export type TableName = keyof Rows

/** What a store found under some keys, as of the moment when all locks were held. Rows that are not there are left out. */
export interface Loaded {
  /** The store's time, read after the locks were taken. */
  readonly now: Instant
  readonly fences: readonly Fence[]
  readonly rankings: readonly Ranking[]
  readonly events: readonly OutboxEvent[]
  readonly orders: readonly Order[]
  readonly wallets: readonly Wallet[]
  readonly coupons: readonly Coupon[]
  readonly issuedCoupons: readonly IssuedCoupon[]
  readonly products: readonly Product[]
  /** Every hold of a locked order, and every hold of a locked product whose deadline has passed at `now`; each once. */
  readonly holds: readonly Hold[]
  readonly outcomes: readonly StoredOutcome[]
  /** Those of the users that have a wallet. */
  readonly users: readonly string[]
  readonly terms: readonly CouponTerms[]
  /**
   * One list per sales key. At least the `size` listed products with the most units sold in the window and all that
   * sold as many as the last of them; more do no harm. Which of them lead is decided in core.
   */
  readonly sales: readonly (readonly SalesCandidate[])[]
}

export interface TableChanges<Row> {
  /** Rows that were not there when the keys were loaded. */
  readonly inserted: readonly Row[]
  readonly updated: readonly Row[]
  readonly removed: readonly Row[]
}

/** All that a group changes, every row at most once: what its transaction writes. */
export type Changes = { readonly [T in TableName]: TableChanges<Rows[T]> } & {
  /** To be added to the daily sums: one change per time zone, day and product. */
  readonly sales: readonly SalesChange[]
}
