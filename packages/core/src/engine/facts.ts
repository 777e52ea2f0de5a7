import type { Coupon, CouponTerms, IssuedCoupon } from '../model/coupon.js'
import type { OutboxEvent } from '../model/event.js'
import type { Order } from '../model/order.js'
import type { Hold, Product } from '../model/product.js'
import type { SalesCandidate } from '../model/ranking.js'
import type { Wallet } from '../model/wallet.js'
import type { SalesKey } from '../store/keys.js'
import type { Fence } from '../store/rows.js'

/**
 * The rows a decider may look at: those its keys name, as they stand under their locks and after the accepted commands
 * that were decided before it in the same group. Looking at a row that no key names is a bug and throws.
 */
export interface Facts {
  /** The user's wallet, if it is open. */
  wallet(userId: string): Wallet | undefined
  /** Whether a wallet exists, without its balance: needs no lock. */
  userExists(userId: string): boolean
  /** A product, if there is such a one. Overdue holds are already released. */
  product(productId: string): Product | undefined
  /** A coupon, if there is such a one. */
  coupon(couponId: string): Coupon | undefined
  /** The terms of a coupon: needs no lock, so it never waits for the users who claim the coupon. */
  couponTerms(couponId: string): CouponTerms | undefined
  /** The user's copy of a coupon, if there is one. */
  issuedCoupon(couponId: string, userId: string): IssuedCoupon | undefined
  /** An order, if there is such a one. */
  order(orderId: string): Order | undefined
  /** The holds of an order that are still live. */
  holdsOf(order: Order): readonly Hold[]
  /** An event, if there is such a one. */
  event(eventId: string): OutboxEvent | undefined
  /** The highest token with which a job has written. */
  fence(job: string): Fence | undefined
  /** What products sold in a window of days. */
  sales(key: SalesKey): readonly SalesCandidate[]
}
