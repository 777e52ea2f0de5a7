import { describe, expect, test } from 'vitest'
import type { CallOptions } from '../support/client.js'
import { serveShop } from '../support/served-shop.js'
import { worldOf } from '../support/world.js'

const served = async () => {
  const shop = await serveShop()
  const { call } = shop
  const world = worldOf(call)
  const [userId, productId] = [await world.user(3_000), await world.product({ stock: 5 })]
  const basket = (quantity: number, over: object = {}) => ({ userId, products: [{ productId, quantity }], ...over })
  const quote = (body: unknown, options: CallOptions = {}) =>
    call('POST', '/api/orders/quote', { as: userId, ...options, body })
  return { ...shop, world, userId, productId, basket, quote }
}

describe('a quote', () => {
  test('has the amounts of the order, and reserves nothing', async () => {
    const { call, world, userId, productId, basket, quote } = await served()
    const couponId = await world.coupon()
    await world.issue(userId, couponId)
    const { status, headers, body } = await quote(basket(4, { couponId }))
    const { lines, ...amounts } = body
    expect(status).toBe(200)
    expect(amounts).toEqual({
      droppedLines: [],
      totalAmount: 4_000,
      discountAmount: 100,
      finalAmount: 3_900,
      coupon: { couponId, applies: true },
      balance: 3_000,
      sufficient: false,
    })
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' })
    expect((await call('GET', `/api/products/${productId}`)).body.stock).toBe(5)
    expect((await call('GET', '/api/orders')).body.orders).toEqual([])
    const { body: order } = await call('POST', '/api/orders', { as: userId, body: basket(4, { couponId }) })
    expect(order).toMatchObject({ lines, totalAmount: 4_000, discountAmount: 100, finalAmount: 3_900 })
  })

  test('tells what is wrong with a coupon', async () => {
    const { basket, quote } = await served()
    const { status, body } = await quote(basket(1, { couponId: 'none' }))
    expect([status, body.coupon, body.discountAmount]).toEqual([
      200,
      { couponId: 'none', applies: false, code: 'COUPON_NOT_FOUND' },
      0,
    ])
    expect((await quote(basket(1, { couponId: null }))).body.coupon).toBeNull()
  })

  test('ignores a key and a reference, however often they come', async () => {
    const { call, userId, basket, quote } = await served()
    const headers = { 'idempotency-key': 'one' }
    await call('POST', '/api/orders', { as: userId, headers, body: basket(1, { reference: 'r-1' }) })
    const answers = [
      await quote(basket(1, { reference: 'r-1' }), { headers }),
      await quote(basket(2, { reference: 'r-1' }), { headers }),
      await quote(basket(9, { reference: 'r-1' }), { headers }),
      await quote(basket(1, { reference: 'r-1' }), { headers }),
    ]
    expect(answers.map(({ body }) => body.finalAmount ?? body.code)).toEqual([
      1_000,
      2_000,
      'STOCK_INSUFFICIENT',
      1_000,
    ])
    for (const each of answers) expect(each.headers['idempotent-replayed']).toBeUndefined()
    const many = await Promise.all(Array.from({ length: 150 }, () => quote(basket(1), { headers })))
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await call('GET', `/api/orders?userId=${userId}`)).body.orders).toHaveLength(1)
  })

  test.each<[what: string, over: object, path: string]>([
    ['a malformed reference', { reference: '' }, 'reference'],
    ['a price', { price: 1 }, 'price'],
    ['no products', { products: [] }, 'products'],
  ])('with %s is malformed, as the order is', async (_, over, path) => {
    const { basket, quote } = await served()
    const { status, body } = await quote(basket(1, over))
    expect([status, body.errors[0].path]).toEqual([400, path])
  })

  test('with a malformed key is malformed, as the order is', async () => {
    const { basket, quote } = await served()
    const { status, body } = await quote(basket(1), { headers: { 'idempotency-key': 'a b' } })
    expect([status, body.errors[0].path]).toEqual([400, 'Idempotency-Key'])
  })

  test('refuses what the order would refuse', async () => {
    const { basket, quote, productId } = await served()
    expect((await quote(basket(6))).body).toMatchObject({
      code: 'STOCK_INSUFFICIENT',
      lines: [{ productId, requested: 6, available: 5 }],
    })
    expect((await quote(basket(1, { products: [{ productId: 'none', quantity: 1 }] }))).body).toMatchObject({
      code: 'PRODUCT_NOT_FOUND',
      productIds: ['none'],
    })
  })

  test.each<[string, CallOptions, number]>([
    ['nobody', { as: null }, 401],
    ['another user', { as: 'other' }, 403],
    ['a payment provider', { as: 'provider', scope: 'shop:charge' }, 403],
    ['an administrator', { as: 'root', scope: 'shop:admin' }, 200],
  ])('of a user asked by %s', async (_, options, status) => {
    const { basket, quote } = await served()
    expect((await quote(basket(1), options)).status).toBe(status)
  })

  test('is described without a key', async () => {
    const { call } = await served()
    const { post } = (await call('GET', '/openapi.json')).body.paths['/api/orders/quote']
    expect(post.parameters).toBeUndefined()
    expect(post.responses['422']).toBeUndefined()
  })
})

test('GET /api/orders/quote is the order with the id quote', async () => {
  const { call } = await served()
  expect((await call('GET', '/api/orders/quote')).body).toMatchObject({ code: 'ORDER_NOT_FOUND', orderId: 'quote' })
})
