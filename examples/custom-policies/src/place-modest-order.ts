import type { PlaceOrder } from '@shop/core'
import { defineCommand, placeOrder, sumDemand } from '@shop/core/commands'

const mostOfOneProduct = 2

/**
 * The second kind of house rule narrows a command: an order as everywhere, but of no product more than two. Refused with
 * INVALID_REQUEST, before any row is read; lines that name one product are summed.
 */
export const placeModestOrder = defineCommand({
  ...placeOrder,
  name: 'place-modest-order',
  check(input: PlaceOrder) {
    const errors = placeOrder.check(input)
    if (errors.length > 0) return errors
    const greedy = sumDemand(input.products).filter(({ quantity }) => quantity > mostOfOneProduct)
    return greedy.map(({ productId }) => ({
      path: 'products',
      message: `must ask for at most ${mostOfOneProduct} of ${productId}`,
    }))
  },
})
