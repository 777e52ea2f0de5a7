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
import { shortLines, takeHeld, takeStock } from '../stock.js'
import { capturePayment } from './capture-payment.js'

export interface PayOrder {
  readonly userId: string
  readonly orderId: string
}

type Taken =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly refusal: Refusal }

/** What the order laid aside is gone, though its deadline has not passed: the clock was ahead once, and has gone back. */
const lapsed = ({ orderId }: Order): Refusal => ({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: 'expired' })

/** Turns the order's holds into a sale, or takes what nobody holds where placing held nothing. */
const stockFor = (facts: Facts, order: Order): Taken => {
  if (order.stockTakenAt === 'order') {
    const holds = facts.holdsOf(order)
    if (holds.length < order.lines.length) return { ok: false, refusal: lapsed(order) }
    return { ok: true, changes: takeHeld(facts, holds) }
  }
  const short = shortLines(facts, order.lines)
  if (short.length > 0) return { ok: false, refusal: { code: 'STOCK_INSUFFICIENT', lines: short } }
  return { ok: true, changes: takeStock(facts, order.lines) }
}

/** Uses the order's coupon for good; where placing only priced it, it is checked again. (seed 003, B168 · seed 004, B208) */
const couponFor = (facts: Facts, order: Order, { now }: Context): Taken => {
  const { orderId, userId, couponId, couponConsumedAt, totalAmount } = order
  if (couponId === null) return { ok: true, changes: [] }
  const issued = facts.issuedCoupon(couponId, userId)
  if (couponConsumedAt === 'payment') {
    const refusal = redemption(couponId, facts.couponTerms(couponId), issued, { totalAmount, now })
    if (refusal) return { ok: false, refusal }
  } else if (issued?.usedByOrderId !== orderId) return { ok: false, refusal: lapsed(order) }
  invariant(issued, `coupon ${couponId} of order ${orderId} is not issued to its user`)
  return { ok: true, changes: [put('issuedCoupons', use(issued, orderId, null))] }
}

/**
 * Pays a pending order from its user's balance: stock, coupon, balance, history line, payment, daily sums and event in
 * one. Refused, in this order: USER_NOT_FOUND (where wallets open by registration), ORDER_NOT_FOUND (another user's
 * order, too), ORDER_NOT_PENDING, STOCK_INSUFFICIENT, the coupon refusals (where it is consumed at payment),
 * BALANCE_INSUFFICIENT – which, where the policy says so, marks the order `failed` and gives stock and coupon back.
 * (seed 000, B030–B039 · seed 001, B069–B074 · seed 003, B164–B171 · seed 004, B205–B214)
 */
export const payOrder = defineCommand<PayOrder, PaymentView>({
  name: 'pay-order',
  check: (input) => checkFields(input, { userId: id, orderId: id }),
  prefetch: ({ orderId }) => [orderId],
  keys({ userId, orderId }, { outlines }) {
    const outline = outlines.order(orderId)
    if (outline?.userId !== userId) return { lock: { orders: outline ? [orderId] : [] }, read: { users: [userId] } }
    return {
      lock: { ...orderLocks(outline), wallets: [userId] },
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
    return accept(paymentView(settled.payment, settled.order, now), [
      ...settled.changes,
      ...stock.changes,
      ...coupon.changes,
    ])
  },
})
