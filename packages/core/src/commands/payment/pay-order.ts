import { accept, type Change, type Context, defineCommand, put, refuse } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { redemption, use } from '../../model/coupon.js'
import { type Order, statusAt } from '../../model/order.js'
import { type PaymentView, paymentView } from '../../model/payment.js'
import { checkFields, id } from '../../shared/check.js'
import { invariant } from '../../shared/invariant.js'
import type { Refusal } from '../../shared/refusal.js'
import { orderLocks, releaseUnpaidOrder } from '../order/release-order.js'
import { unregistered } from '../registration.js'
import { shortLines, takeHeld, takeStock, wantedOf } from '../stock.js'
import { capturePayment } from './capture-payment.js'

/** Input of {@link payOrder}. */
export interface PayOrder {
  /** The user who owns the order and pays it. */
  readonly userId: string
  /** The order's id. */
  readonly orderId: string
}

type Taken =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly refusal: Refusal }

/** Another order has taken the reserved stock or coupon before the deadline: the clock was ahead and has gone back. */
const lapsed = ({ orderId }: Order): Refusal => ({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: 'expired' })

/** Turns the order's holds into a sale. If placing held nothing, takes free units. */
const stockFor = (facts: Facts, order: Order): Taken => {
  if (order.stockTakenAt === 'order') {
    const holds = facts.holdsOf(order)
    if (holds.length < order.lines.length) return { ok: false, refusal: lapsed(order) }
    return { ok: true, changes: takeHeld(facts, holds) }
  }
  const short = shortLines(wantedOf(facts, order.lines))
  if (short.length > 0) return { ok: false, refusal: { code: 'STOCK_INSUFFICIENT', lines: short } }
  return { ok: true, changes: takeStock(facts, order.lines) }
}

/** Uses the order's coupon permanently. If placing only priced it, checks it again. */
const couponFor = (facts: Facts, order: Order, { now }: Context): Taken => {
  const { orderId, userId, couponId, couponConsumedAt, lines } = order
  if (couponId === null) return { ok: true, changes: [] }
  const issued = facts.issuedCoupon(couponId, userId)
  if (couponConsumedAt === 'payment') {
    const refusal = redemption(couponId, facts.couponTerms(couponId), issued, { lines, now })
    if (refusal) return { ok: false, refusal }
  } else if (issued?.usedByOrderId !== orderId) return { ok: false, refusal: lapsed(order) }
  invariant(issued, `coupon ${couponId} of order ${orderId} is not issued to its user`)
  return { ok: true, changes: [put('issuedCoupons', use(issued, orderId, null))] }
}

const fields = { userId: id, orderId: id }

/**
 * Pays a pending order from its user's balance. Changes stock, coupon, balance, history, daily sums and events in one
 * step.
 * Refused: INVALID_REQUEST, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`), ORDER_NOT_FOUND (also another
 * user's order), ORDER_NOT_PENDING, STOCK_INSUFFICIENT, COUPON_ALREADY_USED, COUPON_EXPIRED (both if payment consumes the
 * coupon), BALANCE_INSUFFICIENT. The first that applies. Under policy
 * `payment.onInsufficientBalance: 'fail-order'` the last one marks the order `failed` and releases stock and coupon.
 *
 * @example await shop.execute(payOrder, { userId: 'mina', orderId })
 */
export const payOrder = defineCommand<PayOrder, PaymentView>({
  name: 'pay-order',
  check: (input) => checkFields(input, fields),
  prefetch: ({ orderId }) => ({ orders: [orderId] }),
  keys({ userId, orderId }, { outlines }) {
    const outline = outlines.order(orderId)
    if (outline?.userId !== userId) return { lock: { orders: outline ? [orderId] : [] }, read: { users: [userId] } }
    return {
      lock: { wallets: [userId], ...orderLocks(outline) },
      ...(outline.couponId !== null && { read: { terms: [outline.couponId] } }),
    }
  },
  decide(facts, { userId, orderId }, context) {
    const { now, policies } = context
    const unknown = unregistered(facts, userId, policies)
    if (unknown) return refuse(unknown)
    const order = facts.order(orderId)
    if (order?.userId !== userId) return refuse({ code: 'ORDER_NOT_FOUND', orderId })
    const status = statusAt(order, now)
    if (status !== 'pending') return refuse({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: status })
    const stock = stockFor(facts, order)
    if (!stock.ok) return refuse(stock.refusal)
    const coupon = couponFor(facts, order, context)
    if (!coupon.ok) return refuse(coupon.refusal)
    const settled = capturePayment(facts.wallet(userId), order, context)
    if (!settled.ok) {
      const fails = policies.payment.onInsufficientBalance === 'fail-order'
      return refuse(settled.refusal, fails ? releaseUnpaidOrder(facts, order, 'failed', context).changes : [])
    }
    return accept(paymentView(settled.payment, context), [...settled.changes, ...stock.changes, ...coupon.changes])
  },
})
