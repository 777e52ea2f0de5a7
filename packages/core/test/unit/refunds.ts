import { given, type OrderParts, orderOf, productOf, walletOf } from '../../src/testing/index.js'

export const orderId = 'o1'
export const units = (productId: string, quantity: number) => ({ productId, quantity })

/** A refund of these lines. */
export const back = (...lines: readonly ReturnType<typeof units>[]) => ({ orderId, lines })

/** A paid order of these lines, whose units have left the stock. */
export const paid = (lines: NonNullable<OrderParts['lines']>, parts: OrderParts = {}) =>
  given(
    walletOf(),
    ...lines.map(({ productId = 'p1', quantity = 1 }) => productOf({ productId, stock: 4, received: 4 + quantity })),
    orderOf({ status: 'paid', lines, ...parts }),
  )
