import { accept, defineCommand, refuse } from '../../engine/command.js'
import { type FencedInput, fenceLocks, passFence } from '../../engine/fence.js'
import { isOverdue, type OrderView, orderView } from '../../model/order.js'
import { checkFields, id } from '../../shared/check.js'
import { orderLocks, releaseUnpaidOrder } from './release-order.js'

export interface ExpireOrder extends FencedInput {
  readonly orderId: string
}

/**
 * Writes down that an unpaid order's deadline has passed, and tells the data platform. By the clock it was expired
 * already; nothing waits for this. Refused: LEADERSHIP_LOST, ORDER_NOT_FOUND, ORDER_NOT_PENDING (also where it is not due yet).
 */
export const expireOrder = defineCommand<ExpireOrder, OrderView>({
  name: 'expire-order',
  check: (input) => checkFields(input, { orderId: id }),
  prefetch: ({ orderId }) => [orderId],
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
    return accept(orderView(ended.order, context.now), [...fence.changes, ...ended.changes])
  },
})
