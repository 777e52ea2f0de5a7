import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import { type OrderView, orderView } from '../../model/order-view.js'
import { checkFields, id, nullish } from '../../shared/check.js'

/** Input of {@link updateOrder}. Omitted fields stay as they are. */
export interface UpdateOrder {
  /** The order's id. */
  readonly orderId: string
  /** Data of your own, see {@link Metadata}. It replaces what was there. Null or `{}`: none. */
  readonly metadata?: Metadata | null | undefined
}

/**
 * Replaces the metadata of an order, whatever its status. Events that have happened keep the metadata of their time.
 * Refused: INVALID_REQUEST, ORDER_NOT_FOUND (the first that applies).
 *
 * @example await shop.execute(updateOrder, { orderId, metadata: { packed: 'yes' } })
 */
export const updateOrder = defineCommand<UpdateOrder, OrderView>({
  name: 'update-order',
  check: (input) => checkFields(input, { orderId: id, metadata: nullish(metadata) }),
  prefetch: ({ orderId }) => ({ orders: [orderId] }),
  keys: ({ orderId }, { outlines }) => (outlines.order(orderId) ? { lock: { orders: [orderId] } } : {}),
  decide(facts, { orderId, metadata }, context) {
    const order = facts.order(orderId)
    if (!order) return refuse({ code: 'ORDER_NOT_FOUND', orderId })
    if (metadata === undefined) return accept(orderView(order, context), [])
    const updated = { ...order, metadata: storedMetadata(metadata) }
    return accept(orderView(updated, context), [put('orders', updated)])
  },
})
