import type { Coupon, IssuedCoupon } from '../model/coupon.js'
import type { EventType } from '../model/event.js'
import type { Order } from '../model/order.js'
import type { Payment } from '../model/payment.js'
import type { Product } from '../model/product.js'
import type { EntryKind, Wallet } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** A wallet, with sums over its entries. */
export interface WalletFacts {
  readonly wallet: Wallet
  readonly entryCount: number
  readonly entrySum: number
  /** The balance after the newest entry, or 0 without entries. */
  readonly lastBalance: number
  readonly lowestBalance: number
  /** Entries whose balance is not the previous balance plus their amount, or whose sequence has a gap before it. */
  readonly brokenLinks: number
}

/** A product, with sums over its holds, orders and daily sums. */
export interface ProductFacts {
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
  readonly coupon: Coupon
  readonly issuedCount: number
  /** Copies issued before `validFrom`. */
  readonly issuedEarly: number
}

/** A user's coupon, with the orders that use it. */
export interface IssuedCouponFacts {
  readonly issued: IssuedCoupon
  /** The user's `pending` and `paid` orders that name this coupon. */
  readonly orders: readonly Pick<Order, 'orderId' | 'status' | 'couponConsumedAt' | 'expiresAt'>[]
}

/** An order, with its payments, entries, holds and events. */
export interface OrderFacts {
  readonly order: Order
  readonly payments: readonly Payment[]
  readonly entries: readonly { readonly kind: EntryKind; readonly amount: number; readonly userId: string }[]
  readonly holds: readonly { readonly productId: string; readonly quantity: number; readonly expiresAt: Instant }[]
  /** By sequence. Events that were sent long ago may have been purged. */
  readonly events: readonly { readonly type: EventType; readonly sequence: number }[]
}

/** How many rows of a table have no parent. */
export interface OrphanFacts {
  readonly table: string
  readonly count: number
}

/** The data that the laws check, as of one moment. Each list can be iterated once. The caller closes the snapshot. */
export interface AuditSnapshot {
  readonly now: Instant
  wallets(): AsyncIterable<WalletFacts>
  products(): AsyncIterable<ProductFacts>
  coupons(): AsyncIterable<CouponFacts>
  issuedCoupons(): AsyncIterable<IssuedCouponFacts>
  orders(): AsyncIterable<OrderFacts>
  orphans(): Promise<readonly OrphanFacts[]>
  close(): Promise<void>
}
