import { describe, expect, test } from 'vitest'
import { lowestProduct, Routes } from '../../src/client/route.js'

const lines = (...productIds: string[]) => productIds.map((productId) => ({ productId, quantity: 1 }))
const order = (orderId: string, ...productIds: string[]) => ({ orderId, lines: lines(...productIds) })
const pay = (orderId: string) => ['/api/payments', { body: { userId: 'mina', orderId } }] as const
const cancel = (orderId: string) => ['/api/orders/{orderId}/cancel', { params: { path: { orderId } } }] as const

describe('the route', () => {
  test.each([
    ['a claim by the body', '/api/coupon/issue', { body: { userId: 'mina', couponId: 'opening' } }, 'opening'],
    [
      'a claim by the path',
      '/api/coupons/{couponId}/issue',
      { params: { path: { couponId: 'opening' } }, body: { userId: 'mina' } },
      'opening',
    ],
    ['an order of one product', '/api/orders', { body: { products: lines('mug', 'mug') } }, 'mug'],
    ['an order with a coupon', '/api/orders', { body: { products: lines('mug'), couponId: 'opening' } }, 'mug'],
    ['an order with an id', '/api/orders', { body: { products: lines('mug'), orderId: 'order-1' } }, 'mug'],
    [
      'a change of stock',
      '/api/admin/products/{productId}/stock',
      { params: { path: { productId: 'mug' } }, body: { change: 1 } },
      'mug',
    ],
    ['a payment of an unknown order', ...pay('order-1'), 'order-1'],
    ['a cancellation of an unknown order', ...cancel('order-1'), 'order-1'],
    // A code is a secret, and headers end up in logs.
    ['a claim by a code', '/api/coupon/issue', { body: { userId: 'mina', code: 'SPRING-2030' } }, undefined],
    ['a quote', '/api/orders/quote', { body: { products: lines('mug') } }, undefined],
    ['a charge', '/api/balance/charge', { body: { userId: 'mina', amount: 1 } }, undefined],
    ['no body', '/api/admin/products/top/refresh', {}, undefined],
  ])('of %s', (_, path, call, route) => {
    expect(new Routes(lowestProduct).of(path, call)).toBe(route)
  })

  test('of an order of several products is the same in any order of its lines', () => {
    const routes = new Routes(lowestProduct)
    const of = (...ids: string[]) => routes.of('/api/orders', { body: { products: lines(...ids) } })
    expect([of('tea', 'cup', 'mug'), of('mug', 'tea', 'cup')]).toEqual(['cup', 'cup'])
  })

  test.each([
    ['the answer to the order', order('order-1', 'tea', 'cup')],
    ['a payment', { paymentId: 'p', orderId: 'order-1', order: order('order-1', 'tea', 'cup') }],
    ['a list', { orders: [order('order-1', 'tea', 'cup')], nextCursor: null }],
  ])('of a later request for an order comes from %s', (_, answer) => {
    const routes = new Routes(lowestProduct)
    routes.learn(answer)
    expect([routes.of(...pay('order-1')), routes.of(...cancel('order-1'))]).toEqual(['cup', 'cup'])
    expect(routes.of(...pay('order-2'))).toBe('order-2')
  })

  test('is that of the shop’s own rule, for the order and for its payment', () => {
    const routes = new Routes((productIds) => (productIds.includes('sneaker') ? 'drop' : 'others'))
    const products = lines('laces', 'sneaker', 'laces')
    expect(routes.of('/api/orders', { body: { products } })).toBe('drop')
    routes.learn({ orderId: 'order-1', lines: products })
    expect(routes.of(...pay('order-1'))).toBe('drop')
  })

  test('gives that rule each product once, in the order of the lines', () => {
    const given: (readonly string[])[] = []
    const routes = new Routes((productIds) => {
      given.push(productIds)
      return 'any'
    })
    routes.of('/api/orders', { body: { products: lines('tea', 'cup', 'tea') } })
    expect(given).toEqual([['tea', 'cup']])
  })

  test.each(['', 'a b', 'a\r\nx-admin: 1', 'ü', 'x'.repeat(65)])('is not sent if the rule says %j', (route) => {
    expect(new Routes(() => route).of('/api/orders', { body: { products: lines('mug') } })).toBeUndefined()
  })

  test.each([
    undefined,
    null,
    'text',
    [],
    { lines: 'none' },
    { orders: [null, {}] },
    { orderId: 'order-1', lines: [] },
  ])('learns nothing from %j', (answer) => {
    const routes = new Routes(lowestProduct)
    routes.learn(answer)
    expect(routes.of(...pay('order-1'))).toBe('order-1')
  })

  test('is remembered for the 1,000 orders that were answered last', () => {
    const routes = new Routes(lowestProduct)
    for (let n = 0; n < 1_000; n += 1) routes.learn(order(`order-${n}`, 'mug'))
    routes.learn(order('order-0', 'mug'))
    routes.learn(order('order-1000', 'mug'))
    expect(['order-0', 'order-1', 'order-2', 'order-1000'].map((id) => routes.of(...pay(id)))).toEqual([
      'mug',
      'order-1',
      'mug',
      'mug',
    ])
  })
})
