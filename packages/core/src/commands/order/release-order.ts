import { type Change, type Context, put } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { release } from '../../model/coupon.js'
import type { Order, OrderOutline } from '../../model/order.js'
import { record } from '../../model/order-events.js'
import type { LockKeys } from '../../store/keys.js'
import { putEvent } from '../put-event.js'
import { releaseHolds } from '../stock.js'

/** The rows of an order, and of everything that it can hold, sell or release. */
export const orderLocks = ({ orderId, userId, couponId, productIds }: OrderOutline): Partial<LockKeys> => ({
  orders: [orderId],
  products: productIds,
  ...(couponId !== null && { issuedCoupons: [{ couponId, userId }] }),
})

/** Releases the coupon if this order uses it. */
export const returnCoupon = (facts: Facts, { orderId, couponId, userId }: Order): Change[] => {
  const issued = couponId === null ? undefined : facts.issuedCoupon(couponId, userId)
  return issued?.usedByOrderId === orderId ? [put('issuedCoupons', release(issued, orderId))] : []
}

/** Ends an unpaid order and releases its stock and coupon, once. */
export const releaseUnpaidOrder = (
  facts: Facts,
  order: Order,
  status: 'failed' | 'cancelled' | 'expired',
  context: Context,
): { readonly order: Order; readonly changes: readonly Change[] } => {
  const ended = record({ ...order, status, expiresAt: status === 'expired' ? order.expiresAt : null }, context)
  return {
    order: ended.order,
    changes: [
      put('orders', ended.order),
      ...putEvent(ended.event),
      ...releaseHolds(facts, facts.holdsOf(order)),
      ...returnCoupon(facts, order),
    ],
  }
}
