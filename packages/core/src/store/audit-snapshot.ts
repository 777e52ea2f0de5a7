import type { Coupon, IssuedCoupon } from '../model/coupon.js'
import type { EventType } from '../model/event.js'
import type { Order } from '../model/order.js'
import type { Payment } from '../model/payment.js'
import type { Product } from '../model/product.js'
import type { EntryKind, Wallet } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** A wallet beside what its entries add up to. */
export interface WalletFacts {
  /** The wallet. */
  readonly wallet: Wallet
  /** How many entries it has. */
  readonly entryCount: number
  /** Σ of their amounts. */
  readonly entrySum: number
  /** The balance after the newest entry, 0 where there is none. */
  readonly lastBalance: number
  /** The lowest balance after any entry, 0 if none is lower. */
  readonly lowestBalance: number
  /** Entries whose balance is not the one before plus their amount, or whose sequence does not follow the one before. */
  readonly brokenLinks: number
}

/** A product beside what holds, orders and daily sums say of it. */
export interface ProductFacts {
  /** The product. */
  readonly product: Product
  /** Σ quantity of its hold rows. */
  readonly holdSum: number
  /** Σ quantity of its lines in orders stored as `paid`. */
  readonly paidSum: number
  /** Σ of its daily sums, over all days of the time zone in which they are kept. */
  readonly dailySum: number
}

/** A coupon beside its issued copies. */
export interface CouponFacts {
  /** The coupon. */
  readonly coupon: Coupon
  /** How many copies are issued. */
  readonly issuedCount: number
  /** Copies issued before `validFrom`. */
  readonly issuedEarly: number
}

/** A user's coupon beside the orders that say they use it. */
export interface IssuedCouponFacts {
  /** The user's copy. */
  readonly issued: IssuedCoupon
  /** Orders of this user that name this coupon: `pending` and `paid` ones. */
  readonly orders: readonly Pick<Order, 'orderId' | 'status' | 'couponConsumedAt' | 'expiresAt'>[]
}

/** An order beside its payment, entries, holds and events. */
export interface OrderFacts {
  /** The order. */
  readonly order: Order
  /** Its payments. */
  readonly payments: readonly Payment[]
  /** The wallet entries that name it. */
  readonly entries: readonly { readonly kind: EntryKind; readonly amount: number; readonly userId: string }[]
  /** Its holds. */
  readonly holds: readonly { readonly productId: string; readonly quantity: number; readonly expiresAt: Instant }[]
  /** In the order of their sequence. Events that were sent long ago may have been cleaned up. */
  readonly events: readonly { readonly type: EventType; readonly sequence: number }[]
}

/** Rows whose parent is missing. */
export interface OrphanFacts {
  /** Where they are, in words for people. */
  readonly table: string
  /** How many there are. */
  readonly count: number
}

/** Everything the laws look at, as of one moment. Each list may be walked once; the caller closes the snapshot. */
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
