import type { Coupon, IssuedCoupon } from '../model/coupon.js'
import type { EventType } from '../model/event.js'
import type { HistoryLoss } from '../model/history-loss.js'
import type { Order } from '../model/order.js'
import type { Product } from '../model/product.js'
import type { ReferenceKey, StoredReference } from '../model/reference.js'
import type { EntryKind, Wallet, WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** A wallet, with sums over its entries. */
export interface WalletFacts {
  /** The wallet. */
  readonly wallet: Wallet
  /** How many entries it has. */
  readonly entryCount: number
  /** Σ of their amounts. */
  readonly entrySum: number
  /** The balance after the newest entry, or 0 without entries. */
  readonly lastBalance: number
  /** The lowest balance after any entry, 0 if none is lower. */
  readonly lowestBalance: number
  /** Entries whose balance is not the previous balance plus their amount, or whose sequence has a gap before it. */
  readonly brokenLinks: number
  /** From the first to the last entry that moved lots, every entry by sequence; empty if none did. */
  readonly bonusHistory: readonly Pick<WalletEntry, 'kind' | 'amount' | 'balance' | 'at' | 'lots'>[]
}

/** A product, with sums over its holds, orders and daily sums. */
export interface ProductFacts {
  /** The product. */
  readonly product: Product
  /** Sum of the quantities of its hold rows. */
  readonly holdSum: number
  /** Sum of its quantities in orders stored as `paid`, less the refunded units of these orders. */
  readonly paidSum: number
  /** Sum of its daily sums, over all days of the time zone in which they are kept. */
  readonly dailySum: number
}

/** A coupon, with counts of its issued copies. */
export interface CouponFacts {
  /** The coupon. */
  readonly coupon: Coupon
  /** How many copies are issued. */
  readonly issuedCount: number
  /** Copies issued before `validFrom`. */
  readonly issuedEarly: number
}

/** A user's coupon, with the orders that use it. */
export interface IssuedCouponFacts {
  /** The user's copy. */
  readonly issued: IssuedCoupon
  /** The user's `pending` and `paid` orders that name this coupon. */
  readonly orders: readonly Pick<
    Order,
    'orderId' | 'status' | 'couponConsumedAt' | 'expiresAt' | 'discountWithdrawnBy'
  >[]
}

/** An order, with its entries, holds and events. */
export interface OrderFacts {
  /** The order. */
  readonly order: Order
  /** The wallet entries that name it, by sequence. */
  readonly entries: readonly Pick<WalletEntry, 'kind' | 'amount' | 'userId' | 'at' | 'lots'>[]
  /** Its holds. */
  readonly holds: readonly { readonly productId: string; readonly quantity: number; readonly expiresAt: Instant }[]
  /** By sequence. Events that were sent long ago may have been purged. */
  readonly events: readonly { readonly type: EventType; readonly sequence: number }[]
}

/** A user's orders of a product that was limited in at least one of them. */
export interface PurchaseFacts {
  /** The user. */
  readonly userId: string
  /** The product's id. */
  readonly productId: string
  /** The user's orders stored as `pending` or `paid` that have a line of it, in any order. */
  readonly orders: readonly PurchasedLine[]
}

/** One order's line of a product. */
export interface PurchasedLine extends Pick<Order, 'orderId' | 'status' | 'createdAt' | 'expiresAt'> {
  /** Units of the line that are not refunded. */
  readonly units: number
  /** The purchase limit that the line keeps; null without one. */
  readonly purchaseLimit: number | null
}

/** A reference, with what carries it. */
export interface ReferenceFacts {
  /** Its key. */
  readonly key: ReferenceKey
  /** What it stands for, of orders and refunds; undefined if it is not stored. */
  readonly stored: Pick<StoredReference, 'userId' | 'subjectId' | 'entry'> | undefined
  /** The entries or the orders of that kind that carry it; of an entry, its sequence, and null for an order. */
  readonly carriers: readonly { readonly userId: string; readonly id: string; readonly entry: number | null }[]
}

/** How many rows of a table have no parent. */
export interface OrphanFacts {
  /** A readable name of the place. */
  readonly table: string
  /** Their number. */
  readonly count: number
  /** At most 100 of them, for holds: their keys. */
  readonly holds?: readonly { readonly orderId: string; readonly productId: string }[] | undefined
}

/** A range of time: from ≤ t < until. */
export interface TimeRange {
  /** The first instant. */
  readonly from: Instant
  /** The first instant after it. */
  readonly until: Instant
}

/**
 * The movements of all balances. An entry counts at its time. A lot that has ended counts as an expiry at its end, whether
 * or not that is recorded.
 */
export interface Movements {
  /** Sum of all balances at the beginning of the range. */
  readonly opening: number
  /** Sum of the entries in the range, by kind. Kinds without an entry may be missing. */
  readonly movements: readonly { readonly kind: EntryKind; readonly amount: number }[]
}

/** The data that the laws check, at one moment. Each list can be iterated once. The caller closes the snapshot. */
export interface AuditSnapshot {
  /** The moment. */
  readonly now: Instant
  /** Every wallet. */
  wallets(): AsyncIterable<WalletFacts>
  /** Every product. */
  products(): AsyncIterable<ProductFacts>
  /** Every coupon. */
  coupons(): AsyncIterable<CouponFacts>
  /** Every issued copy. */
  issuedCoupons(): AsyncIterable<IssuedCouponFacts>
  /** Every order. */
  orders(): AsyncIterable<OrderFacts>
  /** Every user and product with a `pending` or `paid` order whose line of the product keeps a purchase limit. */
  purchases(): AsyncIterable<PurchaseFacts>
  /** Every reference that is stored, or that an entry or an order carries. */
  references(): AsyncIterable<ReferenceFacts>
  /** Every loss of history, acknowledged or not. */
  historyLosses(): AsyncIterable<HistoryLoss>
  /** Rows without a parent, by table. */
  orphans(): Promise<readonly OrphanFacts[]>
  /** The movements of all balances in a range. */
  movements(range: TimeRange): Promise<Movements>
  /** Every order that was paid, or has a refund, in a range. */
  orderMovements(range: TimeRange): AsyncIterable<Order>
  /** Ends the snapshot. */
  close(): Promise<void>
}
