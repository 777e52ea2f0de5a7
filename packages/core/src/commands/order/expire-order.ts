import { accept, defineCommand, refuse } from '../../engine/command.js'
import { checkFence, type FencedInput, fenceLocks, passFence } from '../../engine/fence.js'
import { isOverdue } from '../../model/order.js'
import { type OrderView, orderView } from '../../model/order-view.js'
import { checkFields, id } from '../../shared/check.js'
import { orderLocks, releaseUnpaidOrder } from './release-order.js'

/** Input of {@link expireOrder}. */
export interface ExpireOrder extends FencedInput {
  /** The order's id. */
  readonly orderId: string
}

/**
 * Records that an unpaid order has passed its deadline, releases its stock and coupon, and adds an event. The order
 * counts as expired from its deadline on, even before this command runs.
 * Refused: INVALID_REQUEST, LEADERSHIP_LOST, ORDER_NOT_FOUND, ORDER_NOT_PENDING (also before the deadline).
 *
 * @example await shop.execute(expireOrder, { orderId })
 */
export const expireOrder = defineCommand<ExpireOrder, OrderView>({
  name: 'expire-order',
  check: (input) => checkFields(input, { orderId: id, fence: checkFence }),
  prefetch: ({ orderId }) => ({ orders: [orderId] }),
  keys(input, { outlines }) {
    const outline = outlines.order(input.orderId)
    return { lock: { ...fenceLocks(input), ...(outline && orderLocks(outline)) } }
  },
  decide(facts, input, context) {
    const { orderId } = input
    const fence = passFence(facts, input)
    if (!fence.ok) return fence
    const order = facts.order(orderId)
    if (!order) return refuse({ code: 'ORDER_NOT_FOUND', orderId })
    if (!isOverdue(order, context.now)) return refuse({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: order.status })
    const ended = releaseUnpaidOrder(facts, order, 'expired', context)
    return accept(orderView(ended.order, context), [...fence.changes, ...ended.changes])
  },
})
