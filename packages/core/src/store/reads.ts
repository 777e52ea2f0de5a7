import type { Coupon, IssuedCoupon } from '../model/coupon.js'
import type { EventStatus, OutboxEvent } from '../model/event.js'
import type { HistoryLoss } from '../model/history-loss.js'
import type { Order, OrderStatus } from '../model/order.js'
import type { Payment } from '../model/payment.js'
import type { ProductReading } from '../model/product.js'
import type { Ranking } from '../model/ranking.js'
import type { EntryKind, Wallet, WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'

/** A cursor into a list, newest first: the next page begins after the row with this time and id. */
export interface Position {
  /** The time of that row, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: Instant
  /** The id of that row. */
  readonly id: string
}

/** Which part of a list to read. */
export interface ListQuery {
  /** The largest number of rows. */
  readonly limit: number
  /**
   * The start of the part.
   * @default the beginning of the list
   */
  readonly after?: Position | undefined
}

/** The result of a read whose meaning depends on the time, with the store's time of that read. */
export interface Dated<T> {
  /** The store's time of the read. */
  readonly now: Instant
  /** What was read. */
  readonly found: T
}

/** Whether a list may be of an earlier moment, if the store declares that (`supports.staleLists`). */
export interface ListFreshness {
  /**
   * Whether the read must see everything committed before it began, as all other reads do.
   * @default false
   */
  readonly mustBeCurrent?: boolean | undefined
}

/**
 * Plain reads. Each sees everything committed before it began, and takes no lock. Unless stated otherwise, lists are newest
 * first (creation time, then id, both descending): at most `limit` rows after `after`.
 *
 * Lists that a store declares as `supports.staleLists` may show the rows of one earlier moment, judged at the present time
 * of the store: never rows of several moments. No decision depends on them.
 */
export interface Reads {
  /** The user's wallet, as stored: lots may have ended. */
  wallet(userId: string): Promise<Dated<Wallet | undefined>>
  /** By sequence, descending, below `before`. */
  entries(query: { userId: string; limit: number; before?: number | undefined }): Promise<readonly WalletEntry[]>
  /** Entries of all users, by time, then entry id, both descending. */
  allEntries(
    query: ListQuery & { kind?: EntryKind | undefined; reference?: string | undefined },
  ): Promise<readonly WalletEntry[]>
  /** Users whose wallet has a lot that has ended, the longest ended first. */
  walletsWithEndedLots(query: { limit: number }): Promise<readonly string[]>
  /** A product, listed or not. */
  product(productId: string): Promise<Dated<ProductReading | undefined>>
  /** Those of these products that exist, listed or not, in any order. Called with at most 1,000 ids. */
  productsWithIds(productIds: readonly string[]): Promise<Dated<readonly ProductReading[]>>
  /**
   * Listed products with `opensAt` or `closesAt` that have not closed at the store's time: by `opensAt` ascending, those
   * without one first, then by id ascending.
   */
  drops(query: { limit: number }): Promise<Dated<readonly ProductReading[]>>
  /**
   * Products, newest first, then by id ascending: the listed ones; with `includeUnlisted`, all. With `keyword` (already
   * folded), only those whose folded name contains it; it has no wildcards. With `includeUnlisted` or `mustBeCurrent`, they
   * are never of an earlier moment.
   */
  products(query: {
    offset: number
    limit: number
    keyword?: string | undefined
    includeUnlisted?: boolean | undefined
    mustBeCurrent?: boolean | undefined
  }): Promise<Dated<readonly ProductReading[]> & { readonly total: number }>
  /** The stored ranking, with the state of its products at the same moment. */
  ranking(
    query?: ListFreshness,
  ): Promise<Dated<{ readonly ranking: Ranking | undefined; readonly products: readonly ProductReading[] }>>
  /** A coupon. */
  coupon(couponId: string): Promise<Coupon | undefined>
  /** All coupons. */
  coupons(query: ListQuery): Promise<readonly Coupon[]>
  /** Coupons without a code that can be claimed now: valid at the store's time and not sold out. */
  claimableCoupons(query: ListQuery): Promise<readonly Coupon[]>
  /** The user's coupons, by time of issue, then coupon id, both descending. */
  couponsOf(
    query: ListQuery & { userId: string },
  ): Promise<Dated<readonly { readonly issued: IssuedCoupon; readonly coupon: Coupon }[]>>
  /** An order. */
  order(orderId: string): Promise<Dated<Order | undefined>>
  /**
   * `status` filters by the status at the store's time: an overdue order counts as expired. `reference` names the request
   * that placed the order.
   */
  orders(
    query: ListQuery & {
      userId?: string | undefined
      status?: OrderStatus | undefined
      reference?: string | undefined
    },
  ): Promise<Dated<readonly Order[]>>
  /** The order that has this payment id, with the balance after the entry that paid it. */
  payment(paymentId: string): Promise<Dated<Payment | undefined>>
  /** Events of the outbox. */
  events(query: ListQuery & { status?: EventStatus | undefined }): Promise<readonly OutboxEvent[]>
  /** How many events there are by status, and when the oldest pending one happened. */
  eventCounts(): Promise<Readonly<Record<EventStatus, number>> & { readonly oldestPendingAt: Instant | null }>
  /** Losses of history. With `open`, only those that nobody has acknowledged. */
  historyLosses(query: ListQuery & { open?: boolean | undefined }): Promise<readonly HistoryLoss[]>
  /** Pending orders whose deadline has passed, longest overdue first. */
  overdueOrders(query: { limit: number }): Promise<readonly string[]>
}
