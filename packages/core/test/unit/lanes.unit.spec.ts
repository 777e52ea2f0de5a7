import { describe, expect, it } from 'vitest'
import {
  cancelOrder,
  changeStock,
  createCoupon,
  createProduct,
  expireOrder,
  issueCoupon,
  payOrder,
  placeOrder,
  redeliverEvent,
  refreshRanking,
  refundOrder,
  registerUser,
  updateCoupon,
  updateProduct,
} from '../../src/index.js'

const outline = { orderId: 'o1', userId: 'u1', couponId: null, productIds: ['p1', 'p2'] }
const seen = { order: (orderId: string) => (orderId === 'o1' ? outline : undefined) }
const window = { timeZone: 'UTC', from: '2025-06-13', to: '2025-06-15' }
const product = { name: 'x', price: 1, stock: 1 }
const coupon = { name: 'x', discount: { kind: 'fixed', amount: 1 } as const, quantity: 1, validUntil: 1 }

describe('who competes for the same is laid to the same lane', () => {
  it('B152 everybody who wants or changes one coupon', () => {
    expect(issueCoupon.lane({ userId: 'u1', couponId: 'c1' }, seen)).toBe('c1')
    expect(issueCoupon.lane({ userId: 'u2', couponId: 'c1' }, seen)).toBe('c1')
    expect(updateCoupon.lane({ couponId: 'c1' }, seen)).toBe('c1')
    expect(createCoupon.lane({ couponId: 'c1', ...coupon }, seen)).toBe('c1')
  })

  it('everybody who orders or changes one product', () => {
    const products = ['p1', 'p2'].map((productId) => ({ productId, quantity: 1 }))
    expect(placeOrder.lane({ userId: 'u1', products }, seen)).toBe('p1')
    expect(changeStock.lane({ productId: 'p1', change: 1 }, seen)).toBe('p1')
    expect(updateProduct.lane({ productId: 'p1' }, seen)).toBe('p1')
    expect(createProduct.lane({ productId: 'p1', ...product }, seen)).toBe('p1')
  })

  it('everybody who pays, cancels, expires or refunds an order, beside those who order its first product', () => {
    const lanes = [
      payOrder.lane({ userId: 'u1', orderId: 'o1' }, seen),
      cancelOrder.lane({ orderId: 'o1' }, seen),
      expireOrder.lane({ orderId: 'o1' }, seen),
      refundOrder.lane({ orderId: 'o1' }, seen),
    ]
    expect(lanes).toEqual(['p1', 'p1', 'p1', 'p1'])
  })

  it('by its own id, where an order is not there', () => {
    const lanes = [
      payOrder.lane({ userId: 'u1', orderId: 'o9' }, seen),
      cancelOrder.lane({ orderId: 'o9' }, seen),
      expireOrder.lane({ orderId: 'o9' }, seen),
      refundOrder.lane({ orderId: 'o9' }, seen),
    ]
    expect(lanes).toEqual(['o9', 'o9', 'o9', 'o9'])
  })

  it('the rest by what they are about', () => {
    expect(registerUser.lane({ userId: 'u1' }, seen)).toBe('u1')
    expect(redeliverEvent.lane({ eventId: 'e1' }, seen)).toBe('e1')
    expect(refreshRanking.lane({ window }, seen)).toBe('popular')
    expect(createProduct.lane(product, seen)).toBe('new product')
    expect(createCoupon.lane(coupon, seen)).toBe('new coupon')
  })
})
