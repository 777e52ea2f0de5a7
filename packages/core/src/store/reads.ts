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
  /** The time of that row, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: Instant
  /** The id of that row. */
  readonly id: string
}

/** Which part of a list to read. */
export interface ListQuery {
  /** The most rows to find. */
  readonly limit: number
  /** Where the list goes on; the beginning, if it is missing. */
  readonly after?: Position | undefined
}

/** A read that is judged by the clock brings the time at which it was made. */
export interface Dated<T> {
  /** The store's time of the read. */
  readonly now: Instant
  /** What was read. */
  readonly found: T
}

/**
 * Plain reads: each sees everything that was committed before it began, none takes a lock. Lists come newest first
 * (creation time, then id, both descending), at most `limit` rows, those behind `after`.
 */
export interface Reads {
  /** The user's wallet. */
  wallet(userId: string): Promise<Wallet | undefined>
  /** Newest first: by sequence, descending; those below `before`. */
  entries(query: { userId: string; limit: number; before?: number | undefined }): Promise<readonly WalletEntry[]>
  /** A product, listed or not. */
  product(productId: string): Promise<ProductReading | undefined>
  /** Newest first, then by id, ascending. Listed products whose folded name contains `keyword` (already folded; every character stands for itself). */
  products(query: {
    offset: number
    limit: number
    keyword?: string | undefined
  }): Promise<{ readonly found: readonly ProductReading[]; readonly total: number }>
  /** The ranking with its products as they are now. */
  ranking(): Promise<Dated<{ readonly ranking: Ranking | undefined; readonly products: readonly ProductReading[] }>>
  /** A coupon. */
  coupon(couponId: string): Promise<Coupon | undefined>
  /** All coupons. */
  coupons(query: ListQuery): Promise<readonly Coupon[]>
  /** Those that can be claimed now: valid by the clock and not sold out. */
  claimableCoupons(query: ListQuery): Promise<readonly Coupon[]>
  /** By time of issue, then coupon id. */
  couponsOf(
    query: ListQuery & { userId: string },
  ): Promise<Dated<readonly { readonly issued: IssuedCoupon; readonly coupon: Coupon }[]>>
  /** An order. */
  order(orderId: string): Promise<Dated<Order | undefined>>
  /** `status` is the status by the clock. */
  orders(
    query: ListQuery & { userId?: string | undefined; status?: OrderStatus | undefined },
  ): Promise<Dated<readonly Order[]>>
  /** A payment with its order. */
  payment(paymentId: string): Promise<Dated<{ readonly payment: Payment; readonly order: Order } | undefined>>
  /** Events of the outbox. */
  events(query: ListQuery & { status?: EventStatus | undefined }): Promise<readonly OutboxEvent[]>
  /** How many events there are by status, and when the oldest pending one happened. */
  eventCounts(): Promise<Readonly<Record<EventStatus, number>> & { readonly oldestPendingAt: Instant | null }>
  /** Pending orders whose deadline has passed, the longest overdue first. */
  overdueOrders(query: { limit: number }): Promise<readonly string[]>
}
