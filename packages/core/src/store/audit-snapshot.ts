import type { Coupon, IssuedCoupon } from '../model/coupon.js'
import type { EventType } from '../model/event.js'
import type { Order } from '../model/order.js'
import type { Payment } from '../model/payment.js'
import type { Product } from '../model/product.js'
import type { EntryKind, Wallet } from '../model/wallet.js'
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
}

/** A product, with sums over its holds, orders and daily sums. */
export interface ProductFacts {
  /** The product. */
  readonly product: Product
  /** Sum of the quantities of its hold rows. */
  readonly holdSum: number
  /** Sum of its quantities in orders stored as `paid`. */
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
  readonly orders: readonly Pick<Order, 'orderId' | 'status' | 'couponConsumedAt' | 'expiresAt'>[]
}

/** An order, with its payments, entries, holds and events. */
export interface OrderFacts {
  /** The order. */
  readonly order: Order
  /** Its payments. */
  readonly payments: readonly Payment[]
  /** The wallet entries that name it. */
  readonly entries: readonly { readonly kind: EntryKind; readonly amount: number; readonly userId: string }[]
  /** Its holds. */
  readonly holds: readonly { readonly productId: string; readonly quantity: number; readonly expiresAt: Instant }[]
  /** By sequence. Events that were sent long ago may have been purged. */
  readonly events: readonly { readonly type: EventType; readonly sequence: number }[]
}

/** How many rows of a table have no parent. */
export interface OrphanFacts {
  /** A readable name of the place. */
  readonly table: string
  /** Their number. */
  readonly count: number
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
  /** Rows without a parent, by table. */
  orphans(): Promise<readonly OrphanFacts[]>
  /** Ends the snapshot. */
  close(): Promise<void>
}
