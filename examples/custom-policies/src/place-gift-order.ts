import type { Companions, OrderView, PlaceOrder } from '@shop/core'
import { checkFields, defineCommand, placeOrder, text } from '@shop/core/commands'

export interface PlaceGiftOrder extends PlaceOrder {
  /** What the card in the parcel says: 1 to 200 characters. */
  readonly note: string
}

/** An order without its note is an order of the shop. `guardedAs`: every guard of `placeOrder` guards it, too. */
export const placeGiftOrder = defineCommand<PlaceGiftOrder, OrderView>({
  ...placeOrder,
  name: 'place-gift-order',
  guardedAs: placeOrder.name,
  check: ({ note, ...order }) => [...placeOrder.check(order), ...checkFields({ note }, { note: text(200) })],
  keys: ({ note: _, ...order }, context) => placeOrder.keys(order, context),
  decide: (facts, { note: _, ...order }, context) => placeOrder.decide(facts, order, context),
})

/** The row of the shop's owner that commits with the order: the note of a gift. */
export const noteWith = (note: string): Companions<OrderView> => ({
  giftNotes: ({ orderId }) => ({ order_id: orderId, note }),
})
