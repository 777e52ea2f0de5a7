import type { Coupon, CouponTerms, IssuedCoupon } from '../model/coupon.js'
import type { OutboxEvent } from '../model/event.js'
import type { HistoryLoss } from '../model/history-loss.js'
import type { Order } from '../model/order.js'
import type { Hold, Product } from '../model/product.js'
import type { Ranking, SalesCandidate, SalesChange } from '../model/ranking.js'
import type { StoredReference } from '../model/reference.js'
import type { Repair } from '../model/repair.js'
import type { Wallet, WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** The outcome of the first request with an idempotency key. `outcome` is plain JSON. */
export interface StoredOutcome {
  /** The owner of the key. */
  readonly scope: string
  /** The key. */
  readonly key: string
  /** Command and request in one text. The same key with a different fingerprint is refused. */
  readonly fingerprint: string
  /** The outcome as plain JSON. */
  readonly outcome: unknown
  /** When it was stored. */
  readonly at: Instant
}

/** The highest fencing token with which a job has written. A leader that was replaced while paused finds a higher one. */
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
  /** Outcomes of idempotency keys. */
  outcomes: StoredOutcome
  /** Results of references of orders and refunds. */
  references: StoredReference
  /** What `repair` has cured. */
  repairs: Repair
  /** Acknowledged commands that the database no longer has. */
  historyLosses: HistoryLoss
}

/** The name of a table. */
export type TableName = keyof Rows

/** How many units of a product a user has. */
export interface Purchase {
  /** The user. */
  readonly userId: string
  /** The product's id. */
  readonly productId: string
  /** Units in open and paid orders, without refunded ones. */
  readonly quantity: number
}

/** How many open orders a user has. */
export interface OpenOrders {
  /** The user. */
  readonly userId: string
  /** Pending orders whose deadline has not passed. */
  readonly count: number
}

/** The coupon that has a code. */
export interface CouponCode {
  /** The code, folded. */
  readonly code: string
  /** The coupon's id. */
  readonly couponId: string
}

/** The rows that a store found for some keys, as of the moment when all locks were held. Missing rows are omitted. */
export interface Loaded {
  /** The store's time, read after all locks were taken. */
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
  /** Those that were locked. */
  readonly historyLosses: readonly HistoryLoss[]
  /** Every hold of a locked order, and every hold of a locked product that is overdue at `now`. Each hold once. */
  readonly holds: readonly Hold[]
  /** Those that are stored. */
  readonly outcomes: readonly StoredOutcome[]
  /** Those that are stored. */
  readonly references: readonly StoredReference[]
  /** Those that carry one of the references. */
  readonly referencedEntries: readonly WalletEntry[]
  /** The first entries of the requested users, if their kind is `opening`. */
  readonly openings: readonly WalletEntry[]
  /** The requested users that have a wallet. */
  readonly users: readonly string[]
  /**
   * Units that the buyers have of the locked products with a purchase limit: in open orders at `now`, and in paid orders,
   * less the refunded ones. Pairs without a unit may be missing, and so may all pairs of products without a limit.
   */
  readonly purchases: readonly Purchase[]
  /** The open orders at `now` of the requested users. Users without one may be missing. */
  readonly openOrders: readonly OpenOrders[]
  /** The coupons that have these codes. */
  readonly couponCodes: readonly CouponCode[]
  /** The terms of the coupons; whole coupons are accepted, too. */
  readonly terms: readonly CouponTerms[]
  /**
   * One list per sales key. It contains at least the `size` listed products that sold most in the window, and all products
   * that sold as many as the last of them. Additional products are allowed; core computes the ranking.
   */
  readonly sales: readonly (readonly SalesCandidate[])[]
}

/** What changes in one table, every row at most once. */
export interface TableChanges<Row> {
  /** Rows that did not exist when the keys were loaded. */
  readonly inserted: readonly Row[]
  /** Rows that existed, with their new values. */
  readonly updated: readonly Row[]
  /** Rows that existed and are removed. */
  readonly removed: readonly Row[]
}

/** A row of the host's, by the names of its columns. */
export type CompanionRow = Readonly<Record<string, unknown>>

/** Rows of the host's that are written in the transaction of a group. */
export interface CompanionRows {
  /** The companion: one of `Store.companions`. */
  readonly companion: string
  /** At least one row, in the order of their commands. */
  readonly rows: readonly CompanionRow[]
}

/** Everything that the transaction of a group writes. Each row appears at most once. */
export type Changes = { readonly [T in TableName]: TableChanges<Rows[T]> } & {
  /** Quantities to add to the daily sums: one per time zone, day and product. */
  readonly sales: readonly SalesChange[]
  /** Rows of the host's, each companion at most once. */
  readonly companions: readonly CompanionRows[]
}
