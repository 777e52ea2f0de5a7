import type { Coupon, CouponTerms, IssuedCoupon } from '../model/coupon.js'
import type { OutboxEvent } from '../model/event.js'
import type { Order } from '../model/order.js'
import type { Payment } from '../model/payment.js'
import type { Hold, Product } from '../model/product.js'
import type { Ranking, SalesCandidate, SalesChange } from '../model/ranking.js'
import type { Wallet, WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** The outcome of the first request with an idempotency key. `outcome` is plain JSON. */
export interface StoredOutcome {
  /** The owner of the key. */
  readonly scope: string
  readonly key: string
  /** Command and request in one text. The same key with a different fingerprint is refused. */
  readonly fingerprint: string
  readonly outcome: unknown
  readonly at: Instant
}

/** The highest fencing token with which a job has written. A leader that was replaced while paused finds a higher one. */
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

/** The rows that a store found for some keys, as of the moment when all locks were held. Missing rows are omitted. */
export interface Loaded {
  /** The store's time, read after all locks were taken. */
  readonly now: Instant
  readonly fences: readonly Fence[]
  readonly rankings: readonly Ranking[]
  readonly events: readonly OutboxEvent[]
  readonly orders: readonly Order[]
  readonly wallets: readonly Wallet[]
  readonly coupons: readonly Coupon[]
  readonly issuedCoupons: readonly IssuedCoupon[]
  readonly products: readonly Product[]
  /** Every hold of a locked order, and every hold of a locked product that is overdue at `now`. Each hold once. */
  readonly holds: readonly Hold[]
  readonly outcomes: readonly StoredOutcome[]
  /** The requested users that have a wallet. */
  readonly users: readonly string[]
  readonly terms: readonly CouponTerms[]
  /**
   * One list per sales key: at least the `size` listed products with the most units sold in the window, and all that sold
   * as many as the last of these. More are allowed; core decides the ranking.
   */
  readonly sales: readonly (readonly SalesCandidate[])[]
}

export interface TableChanges<Row> {
  /** Rows that did not exist when the keys were loaded. */
  readonly inserted: readonly Row[]
  readonly updated: readonly Row[]
  readonly removed: readonly Row[]
}

/** Everything that the transaction of a group writes. Each row appears at most once. */
export type Changes = { readonly [T in TableName]: TableChanges<Rows[T]> } & {
  /** Quantities to add to the daily sums: one per time zone, day and product. */
  readonly sales: readonly SalesChange[]
}
