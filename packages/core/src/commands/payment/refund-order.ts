import { accept, adjustDailySales, defineCommand, put, refuse } from '../../engine/command.js'
import { record } from '../../model/event.js'
import { type OrderView, orderView, statusAt } from '../../model/order.js'
import { addEntry } from '../../model/wallet.js'
import { dayOf } from '../../shared/calendar.js'
import { checkFields, id } from '../../shared/check.js'
import { invariant } from '../../shared/invariant.js'
import { maxMoney } from '../../shared/limits.js'
import { orderLocks, returnCoupon } from '../order/release-order.js'
import { returnStock } from '../stock.js'

/** Input of {@link refundOrder}. */
export interface RefundOrder {
  /** The order's id. */
  readonly orderId: string
}

/**
 * Pays back the final amount of a paid order, once, even above policy `charge.balanceLimit`. Releases stock and coupon,
 * and subtracts the sale from the daily sums of its day of payment.
 * Refused: INVALID_REQUEST, ORDER_NOT_FOUND, ORDER_NOT_PAID, BALANCE_LIMIT_EXCEEDED (above 2^53 - 1). The first that
 * applies.
 *
 * @example await shop.execute(refundOrder, { orderId })
 */
export const refundOrder = defineCommand<RefundOrder, OrderView>({
  name: 'refund-order',
  check: (input) => checkFields(input, { orderId: id }),
  prefetch: ({ orderId }) => [orderId],
  keys({ orderId }, { outlines }) {
    const outline = outlines.order(orderId)
    return outline ? { lock: { ...orderLocks(outline), wallets: [outline.userId] } } : {}
  },
  decide(facts, { orderId }, context) {
    const { now, policies, newId } = context
    const order = facts.order(orderId)
    if (!order) return refuse({ code: 'ORDER_NOT_FOUND', orderId })
    if (order.status !== 'paid') return refuse({ code: 'ORDER_NOT_PAID', orderId, orderStatus: statusAt(order, now) })
    const found = facts.wallet(order.userId)
    invariant(found && order.paidAt !== null, `order ${orderId} is paid but has no wallet or no time of payment`)
    if (found.balance + order.finalAmount > maxMoney) {
      return refuse({ code: 'BALANCE_LIMIT_EXCEEDED', limit: maxMoney, balance: found.balance })
    }
    const { wallet, entry } = addEntry(found, { kind: 'refund', amount: order.finalAmount, orderId }, { now, newId })
    const refunded = record({ ...order, status: 'refunded' }, context)
    const { timeZone } = policies.ranking
    const day = dayOf(order.paidAt, timeZone)
    return accept(orderView(refunded.order, now), [
      put('orders', refunded.order),
      put('wallets', wallet),
      put('entries', entry),
      put('events', refunded.event),
      ...returnStock(facts, order.lines),
      ...returnCoupon(facts, order),
      ...order.lines.map(({ productId, quantity }) =>
        adjustDailySales({ timeZone, day, productId, quantity: -quantity }),
      ),
    ])
  },
})
