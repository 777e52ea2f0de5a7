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
  wallet(userId: string): Wallet | undefined
  /** Whether a wallet exists, without its balance: needs no lock. */
  userExists(userId: string): boolean
  /** Overdue holds are already given back. */
  product(productId: string): Product | undefined
  coupon(couponId: string): Coupon | undefined
  /** What never waits for the coupon everybody claims: needs no lock. */
  couponTerms(couponId: string): CouponTerms | undefined
  issuedCoupon(couponId: string, userId: string): IssuedCoupon | undefined
  order(orderId: string): Order | undefined
  /** The holds of an order that are still live. */
  holdsOf(order: Order): readonly Hold[]
  event(eventId: string): OutboxEvent | undefined
  fence(job: string): Fence | undefined
  sales(key: SalesKey): readonly SalesCandidate[]
}
