import { type FencedInput, fencedKeys, passFence } from '../command/fence.js'
import { accept, refuse, verb } from '../command/verb.js'
import { checkFields, id } from '../shared/check.js'
import { endUnpaid, orderKeys } from './end-order.js'
import { isOverdue, type OrderView, orderView } from './order.js'

export interface ExpireOrder extends FencedInput {
  readonly orderId: string
}

/**
 * Writes down that an unpaid order's deadline has passed, and tells the data platform. By the clock it was expired
 * already; nothing waits for this. Refused: LEADERSHIP_LOST, ORDER_NOT_FOUND, ORDER_NOT_PENDING (also where it is not due yet).
 */
export const expireOrder = verb<ExpireOrder, OrderView>({
  name: 'expire-order',
  check: (input) => checkFields(input, { orderId: id }),
  look: ({ orderId }) => [orderId],
  keys(input, { seen }) {
    const outline = seen.order(input.orderId)
    return { ...fencedKeys(input), ...(outline && orderKeys(outline)) }
  },
  decide(facts, input, context) {
    const { orderId } = input
    const fence = passFence(facts, input)
    if (!fence.ok) return fence
    const order = facts.order(orderId)
    if (!order) return refuse({ code: 'ORDER_NOT_FOUND', orderId })
    if (!isOverdue(order, context.now)) return refuse({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: order.status })
    const ended = endUnpaid(facts, order, 'expired', context)
    return accept(orderView(ended.order, context.now), [...fence.changes, ...ended.changes])
  },
})
