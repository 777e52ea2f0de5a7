import { describe, it } from 'vitest'
import { iso, payOrder, placeOrder, quoteOrder, updateProduct } from '../../src/commands.js'
import { presetNames } from '../../src/index.js'
import { couponOf, given, defaultNow as now, productOf, walletOf } from '../../src/testing/index.js'

const line = (productId: string, quantity = 1) => ({ productId, quantity })
const one = { userId: 'u1', products: [line('p1')] }
const rich = walletOf({ balance: 100_000 })

describe('hours of sale', () => {
  it.each(presetNames)('refuse an order before they begin and from their end on (%s)', (preset) => {
    const story = given(rich, productOf({ opensAt: now + 1_000, closesAt: now + 2_000 })).under(preset)
    const products = [{ productId: 'p1', opensAt: iso(now + 1_000), closesAt: iso(now + 2_000) }]
    story
      .at(now + 999)
      .when(placeOrder, one)
      .thenRefused('PRODUCT_NOT_ON_SALE', { products, retryAfter: 1 })
      .at(now + 1_000)
      .when(placeOrder, one)
      .thenAccepted({ totalAmount: 1_000 })
      .at(now + 1_999)
      .when(placeOrder, one)
      .thenAccepted()
      .at(now + 2_000)
      .when(placeOrder, one)
      .thenRefused('PRODUCT_NOT_ON_SALE', { products, retryAfter: null })
  })

  it('refuse a quote as they refuse the order', () => {
    given(productOf({ opensAt: now + 1 }))
      .when(quoteOrder, one)
      .thenRefused('PRODUCT_NOT_ON_SALE', {
        products: [{ productId: 'p1', opensAt: iso(now + 1), closesAt: null }],
        retryAfter: 1,
      })
      .at(now + 1)
      .when(quoteOrder, one)
      .thenAccepted()
  })

  it('tell the whole seconds until the last of the products opens, or nothing if one has closed', () => {
    const later = productOf({ productId: 'p2', opensAt: now + 2_001 })
    const closed = productOf({ productId: 'p3', closesAt: now })
    const shop = () => given(productOf({ opensAt: now + 1_000 }), later, closed, productOf({ productId: 'p4' }))
    const asking = (...ids: string[]) => ({ userId: 'u1', products: ids.map((id) => line(id)) })
    shop()
      .when(placeOrder, asking('p1', 'p4', 'p2'))
      .thenRefused('PRODUCT_NOT_ON_SALE', { products: [{ productId: 'p1' }, { productId: 'p2' }], retryAfter: 3 })
    shop()
      .when(placeOrder, asking('p3', 'p1'))
      .thenRefused('PRODUCT_NOT_ON_SALE', {
        products: [{ productId: 'p3', opensAt: null, closesAt: iso(now) }, { productId: 'p1' }],
        retryAfter: null,
      })
  })

  it('come after unknown products and before limits, stock and coupons', () => {
    const shop = given(productOf({ opensAt: now + 1, purchaseLimit: 1, stock: 0 }), couponOf())
    shop.when(placeOrder, { userId: 'u1', products: [line('p1', 2), line('p9')] }).thenRefused('PRODUCT_NOT_FOUND')
    shop
      .when(placeOrder, { userId: 'u1', products: [line('p1', 2)], couponId: 'c9' })
      .thenRefused('PRODUCT_NOT_ON_SALE')
  })

  it('do not bind the payment of an order that was placed in time', () => {
    given(rich, productOf({ closesAt: now + 1 }))
      .naming('o1')
      .when(placeOrder, one)
      .at(now + 1)
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .thenAccepted({ amount: 1_000 })
  })
})

describe('a sale', () => {
  const sold = productOf({ sale: { price: 600, from: now + 10, until: now + 20 } })

  it.each(presetNames)('has its price from its start until just before its end (%s)', (preset) => {
    for (const [at, unitPrice] of [
      [now + 9, 1_000],
      [now + 10, 600],
      [now + 19, 600],
      [now + 20, 1_000],
    ] as const) {
      given(rich, sold)
        .under(preset)
        .at(at)
        .when(quoteOrder, { userId: 'u1', products: [line('p1', 2)] })
        .thenAccepted({ totalAmount: 2 * unitPrice, lines: [{ unitPrice }] })
        .when(placeOrder, { userId: 'u1', products: [line('p1', 2)] })
        .thenAccepted({ totalAmount: 2 * unitPrice, lines: [{ unitPrice, amount: 2 * unitPrice }] })
    }
  })

  it('keeps its price on the order, whatever comes after', () => {
    given(rich, sold)
      .naming('o1')
      .at(now + 19)
      .when(placeOrder, one)
      .when(updateProduct, { productId: 'p1', sale: null, price: 5_000 })
      .at(now + 20)
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .thenAccepted({ amount: 600, order: { lines: [{ unitPrice: 600 }] } })
  })
})
