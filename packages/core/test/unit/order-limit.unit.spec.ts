import { describe, it } from 'vitest'
import {
  cancelOrder,
  expireOrder,
  payOrder,
  placeOrder,
  quoteOrder,
  refundOrder,
  updateProduct,
} from '../../src/commands.js'
import { presetNames, presets } from '../../src/index.js'
import { couponOf, given, defaultNow as now, productOf, walletOf } from '../../src/testing/index.js'

const line = (productId: string, quantity = 1) => ({ productId, quantity })
const buying = (quantity: number, userId = 'u1') => ({ userId, products: [line('p1', quantity)] })
const deadline = now + 15 * 60_000
const twoCalls = presetNames.filter((name) => presets[name].order.checkout === 'order-then-pay')

const shop = (purchaseLimit: number | null = 3) =>
  given(
    walletOf({ balance: 100_000 }),
    walletOf({ userId: 'u2', balance: 100_000 }),
    productOf({ purchaseLimit, stock: 99, received: 99 }),
    productOf({ productId: 'p2' }),
  )
const over = (bought: number, requested: number, limit = 3) => ({
  lines: [{ productId: 'p1', limit, bought, requested }],
})
const refused = 'PURCHASE_LIMIT_EXCEEDED'

describe('a purchase limit', () => {
  it.each(presetNames)('allows its units to each user, and not one more (%s)', (preset) => {
    shop()
      .under(preset)
      .when(placeOrder, buying(4))
      .thenRefused(refused, over(0, 4))
      .when(placeOrder, buying(2))
      .thenAccepted({ lines: [{ quantity: 2, purchaseLimit: 3 }] })
      .when(placeOrder, buying(2))
      .thenRefused(refused, over(2, 2))
      .when(quoteOrder, buying(2))
      .thenRefused(refused, over(2, 2))
      .when(quoteOrder, buying(1))
      .thenAccepted({ lines: [{ quantity: 1, purchaseLimit: 3 }] })
      .when(placeOrder, buying(1))
      .thenAccepted()
      .when(placeOrder, buying(1))
      .thenRefused(refused, over(3, 1))
      .when(placeOrder, buying(3, 'u2'))
      .thenAccepted()
  })

  it('counts the demand of all lines of a product together, and names every product', () => {
    given(
      productOf({ purchaseLimit: 3 }),
      productOf({ productId: 'p2', purchaseLimit: 1 }),
      productOf({ productId: 'p3' }),
    )
      .when(placeOrder, { userId: 'u1', products: [line('p1', 2), line('p3', 9), line('p2', 2), line('p1', 2)] })
      .thenRefused(refused, {
        lines: [
          { productId: 'p1', limit: 3, bought: 0, requested: 4 },
          { productId: 'p2', limit: 1, bought: 0, requested: 2 },
        ],
      })
  })

  it('comes before stock and coupons', () => {
    given(productOf({ purchaseLimit: 1, stock: 0 }), couponOf())
      .when(placeOrder, { ...buying(2), couponId: 'c9' })
      .thenRefused(refused, over(0, 2, 1))
      .when(placeOrder, { ...buying(1), couponId: 'c9' })
      .thenRefused('STOCK_INSUFFICIENT')
  })

  it('refuses the whole order where short lines are dropped, and counts no dropped unit', () => {
    const dropping = { stock: { shortage: 'drop-lines' } } as const
    given(productOf({ purchaseLimit: 3, stock: 1 }), productOf({ productId: 'p2', stock: 99 }))
      .under('standard', dropping)
      .when(placeOrder, { userId: 'u1', products: [line('p1', 4), line('p2')] })
      .thenRefused(refused, over(0, 4))
      .when(placeOrder, { userId: 'u1', products: [line('p1', 3), line('p2')] })
      .thenAccepted({ droppedLines: [{ productId: 'p1', requested: 3 }], lines: [{ productId: 'p2' }] })
      .when(placeOrder, buying(1))
      .thenAccepted({ lines: [{ productId: 'p1', quantity: 1 }] })
  })

  it.each(twoCalls)('frees the units of an unpaid order at its deadline, by the clock alone (%s)', (preset) => {
    shop()
      .under(preset)
      .naming('o1')
      .when(placeOrder, buying(3))
      .at(deadline - 1)
      .when(placeOrder, buying(1))
      .thenRefused(refused, over(3, 1))
      .at(deadline)
      .when(placeOrder, buying(3))
      .thenAccepted()
      .when(expireOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'expired' })
      .when(placeOrder, buying(1))
      .thenRefused(refused, over(3, 1))
  })

  it('frees the units of a cancelled order once', () => {
    shop()
      .naming('o1')
      .when(placeOrder, buying(2))
      .when(placeOrder, buying(1))
      .when(cancelOrder, { orderId: 'o1' })
      .when(cancelOrder, { orderId: 'o1' })
      .thenRefused('ORDER_NOT_PENDING')
      .when(placeOrder, buying(3))
      .thenRefused(refused, over(1, 3))
      .when(placeOrder, buying(2))
      .thenAccepted()
  })

  it('frees the units of an order that failed for its money', () => {
    given(walletOf({ balance: 1 }), productOf({ purchaseLimit: 3 }))
      .under('hold-at-order')
      .naming('o1')
      .when(placeOrder, buying(3))
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .when(placeOrder, buying(3))
      .thenAccepted()
  })

  it('keeps the units of a paid order, and frees those that are refunded, restocked or not', () => {
    shop()
      .naming('o1')
      .when(placeOrder, buying(3))
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .at(deadline)
      .when(placeOrder, buying(1))
      .thenRefused(refused, over(3, 1))
      .when(refundOrder, { orderId: 'o1', lines: [line('p1')], restock: false })
      .when(placeOrder, buying(2))
      .thenRefused(refused, over(2, 2))
      .when(placeOrder, buying(1))
      .thenAccepted()
      .when(refundOrder, { orderId: 'o1' })
      .thenAccepted({ status: 'refunded' })
      .when(placeOrder, buying(3))
      .thenRefused(refused, over(1, 3))
      .when(placeOrder, buying(2))
      .thenAccepted()
  })

  it('binds new orders once it is lowered, raised, removed or set, and leaves earlier ones as they are', () => {
    shop()
      .when(placeOrder, buying(2))
      .when(updateProduct, { productId: 'p1', purchaseLimit: 1 })
      .when(placeOrder, buying(1))
      .thenRefused(refused, over(2, 1, 1))
      .when(updateProduct, { productId: 'p1', purchaseLimit: 4 })
      .when(placeOrder, buying(2))
      .thenAccepted({ lines: [{ purchaseLimit: 4 }] })
      .when(updateProduct, { productId: 'p1', purchaseLimit: null })
      .when(placeOrder, buying(9))
      .thenAccepted({ lines: [{ purchaseLimit: undefined }] })
      .when(updateProduct, { productId: 'p1', purchaseLimit: 14 })
      .when(placeOrder, buying(2))
      .thenRefused(refused, over(13, 2, 14))
      .when(placeOrder, buying(1))
      .thenAccepted({ lines: [{ purchaseLimit: 14 }] })
  })

  it('does not bind the payment of an order', () => {
    shop()
      .naming('o1')
      .when(placeOrder, buying(3))
      .when(updateProduct, { productId: 'p1', purchaseLimit: 1 })
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .thenAccepted()
  })
})
