import type { PlaceOrder } from '@shop/core'
import { defineCommand, placeOrder, sumDemand } from '@shop/core/commands'

const mostOfOneProduct = 2

/**
 * The second kind of house rule restricts a command: an order may contain at most two units of a product. Lines
 * with the same product are summed. Refusal: INVALID_REQUEST, before any row is read.
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
      message: `must contain at most ${mostOfOneProduct} of ${productId}`,
    }))
  },
})
