import type { Coupon, CouponTerms, IssuedCoupon } from '../model/coupon.js'
import type { OutboxEvent } from '../model/event.js'
import type { HistoryLoss } from '../model/history-loss.js'
import type { Order } from '../model/order.js'
import type { Hold, Product } from '../model/product.js'
import type { SalesCandidate } from '../model/ranking.js'
import type { Wallet, WalletEntry } from '../model/wallet.js'
import type { SalesKey } from '../store/keys.js'
import type { Fence } from '../store/rows.js'

/**
 * The rows that a decider may read: those that its keys name. They are locked, and include the changes of commands accepted
 * earlier in the same group. Reading any other row is a bug and throws.
 */
export interface Facts {
  /** The user's wallet, if it is open. Lots that have ended are already expired. */
  wallet(userId: string): Wallet | undefined
  /** The balance that the user brought along when imported, as the first entry of the wallet; undefined without one. */
  opening(userId: string): WalletEntry | undefined
  /** Whether the user has a wallet. Needs no lock. */
  userExists(userId: string): boolean
  /** Overdue holds are already released. */
  product(productId: string): Product | undefined
  /**
   * Units of a product with a purchase limit that the user has: in open orders, and in paid ones, less the refunded.
   * @throws InvariantViolated if the product has no limit: its purchases are not counted
   * @throws StoreError `busy` if it got its limit after the group was loaded. Then its commands run one by one.
   */
  purchased(userId: string, productId: string): number
  /** How many open orders the user has. */
  openOrders(userId: string): number
  /** The id of the coupon that has this code in any case, if there is one. */
  couponIdOf(code: string): string | undefined
  /** The same, as the command prefetched it: undefined also for a coupon that was created since. */
  prefetchedCoupon(code: string): string | undefined
  /** A coupon, if it exists. */
  coupon(couponId: string): Coupon | undefined
  /** The terms of a coupon, without its counts. Needs no lock, so it never waits for a contended coupon. */
  couponTerms(couponId: string): CouponTerms | undefined
  /** The user's copy of a coupon, if it exists. */
  issuedCoupon(couponId: string, userId: string): IssuedCoupon | undefined
  /** An order, if it exists and the command prefetched it. */
  order(orderId: string): Order | undefined
  /** Whether an order has this id, also one that the command did not prefetch. */
  orderExists(orderId: string): boolean
  /** The holds of an order that are not overdue. */
  holdsOf(order: Order): readonly Hold[]
  /** A hold, if it exists and is not overdue. Its order may be missing. */
  hold(orderId: string, productId: string): Hold | undefined
  /** An event, if it exists. */
  event(eventId: string): OutboxEvent | undefined
  /** A recorded loss of history, if it exists. */
  historyLoss(lossId: string): HistoryLoss | undefined
  /** The highest token with which a job has written. */
  fence(job: string): Fence | undefined
  /** The sales of products in a window of days. */
  sales(key: SalesKey): readonly SalesCandidate[]
}
