import type { Coupon, IssuedCoupon } from '../model/coupon.js'
import type { EventStatus, OutboxEvent } from '../model/event.js'
import type { Order, OrderStatus } from '../model/order.js'
import type { Payment } from '../model/payment.js'
import type { ProductReading } from '../model/product.js'
import type { Ranking } from '../model/ranking.js'
import type { Wallet, WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** Where a list that shows the newest first goes on: after the row with this time and id. */
export interface Position {
  readonly at: Instant
  readonly id: string
}

export interface ListQuery {
  readonly limit: number
  readonly after?: Position | undefined
}

/** A read that is judged by the clock brings the time at which it was made. */
export interface Dated<T> {
  readonly now: Instant
  readonly found: T
}

/**
 * Plain reads: each sees everything that was committed before it began, none takes a lock. Lists come newest first
 * (creation time, then id, both descending), at most `limit` rows, those behind `after`.
 */
export interface Reads {
  wallet(userId: string): Promise<Wallet | undefined>
  /** Newest first: by sequence, descending; those below `before`. */
  entries(query: { userId: string; limit: number; before?: number | undefined }): Promise<readonly WalletEntry[]>
  product(productId: string): Promise<ProductReading | undefined>
  /** Newest first, then by id, ascending. Listed products whose folded name contains `keyword` (already folded; every character stands for itself). */
  products(query: {
    offset: number
    limit: number
    keyword?: string | undefined
  }): Promise<{ readonly found: readonly ProductReading[]; readonly total: number }>
  /** The ranking with its products as they are now. */
  ranking(): Promise<Dated<{ readonly ranking: Ranking | undefined; readonly products: readonly ProductReading[] }>>
  coupon(couponId: string): Promise<Coupon | undefined>
  coupons(query: ListQuery): Promise<readonly Coupon[]>
  /** Those that can be claimed now: valid by the clock and not sold out. */
  claimableCoupons(query: ListQuery): Promise<readonly Coupon[]>
  /** By time of issue, then coupon id. */
  couponsOf(
    query: ListQuery & { userId: string },
  ): Promise<Dated<readonly { readonly issued: IssuedCoupon; readonly coupon: Coupon }[]>>
  order(orderId: string): Promise<Dated<Order | undefined>>
  /** `status` is the status by the clock. */
  orders(
    query: ListQuery & { userId?: string | undefined; status?: OrderStatus | undefined },
  ): Promise<Dated<readonly Order[]>>
  payment(paymentId: string): Promise<Dated<{ readonly payment: Payment; readonly order: Order } | undefined>>
  events(query: ListQuery & { status?: EventStatus | undefined }): Promise<readonly OutboxEvent[]>
  eventCounts(): Promise<Readonly<Record<EventStatus, number>> & { readonly oldestPendingAt: Instant | null }>
  /** Pending orders whose deadline has passed, the longest overdue first. */
  overdueOrders(query: { limit: number }): Promise<readonly string[]>
}
