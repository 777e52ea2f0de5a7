import { accept, defineCommand, refuse } from '../../engine/command.js'
import { statusAt } from '../../model/order.js'
import { type OrderView, orderView } from '../../model/order-view.js'
import { checkFields, id, optional } from '../../shared/check.js'
import { orderLocks, releaseUnpaidOrder } from './release-order.js'

/** Input of {@link cancelOrder}. */
export interface CancelOrder {
  /** The order's id. */
  readonly orderId: string
  /**
   * The user who must own the order.
   * @default any user: an administrator cancels
   */
  readonly userId?: string | undefined
}

/**
 * Cancels a pending order and releases its stock and coupon. The order is kept, as `cancelled`.
 * Refused: INVALID_REQUEST, ORDER_NOT_FOUND (also another user's order), ORDER_NOT_PENDING (the first that applies).
 *
 * @example await shop.execute(cancelOrder, { orderId, userId: 'mina' })
 */
export const cancelOrder = defineCommand<CancelOrder, OrderView>({
  name: 'cancel-order',
  check: (input) => checkFields(input, { orderId: id, userId: optional(id) }),
  prefetch: ({ orderId }) => ({ orders: [orderId] }),
  keys({ orderId }, { outlines }) {
    const outline = outlines.order(orderId)
    return outline ? { lock: orderLocks(outline) } : {}
  },
  decide(facts, { orderId, userId }, context) {
    const order = facts.order(orderId)
    if (!order || (userId !== undefined && order.userId !== userId)) return refuse({ code: 'ORDER_NOT_FOUND', orderId })
    const status = statusAt(order, context.now)
    if (status !== 'pending') return refuse({ code: 'ORDER_NOT_PENDING', orderId, orderStatus: status })
    const ended = releaseUnpaidOrder(facts, order, 'cancelled', context)
    return accept(orderView(ended.order, context), ended.changes)
  },
})
