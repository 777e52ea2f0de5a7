import { createShop } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { describe, expect, test } from 'vitest'
import { type ServeOptions, serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

const served = async (options: ServeOptions = {}) => {
  const shop = await serveShop(options)
  return { ...shop, world: worldOf(shop.call) }
}

const order = (userId: string, productId: string, over: object = {}) => ({
  body: { userId, products: [{ productId, quantity: 1 }], ...over },
})

describe('the metadata of an order', () => {
  test.each([{ 'a.b-c_D': '값' }, { z: '1', a: '2' }, JSON.parse('{"__proto__":"x"}')])(
    'is shown as it was sent, also in its events: %j',
    async (metadata) => {
      const { call, world } = await served()
      const [userId, productId] = [await world.user(5_000), await world.product()]
      const text = JSON.stringify(metadata)
      const placed = await call('POST', '/api/orders', { as: userId, ...order(userId, productId, { metadata }) })
      expect([placed.status, placed.text.includes(text)]).toEqual([201, true])
      const { orderId } = placed.body
      await world.payment(userId, orderId)
      for (const path of [`/api/orders/${orderId}`, `/api/orders?userId=${userId}`, '/api/admin/outbox'])
        expect((await call('GET', path)).text).toContain(text)
    },
  )

  test('is replaced by an administrator only, and removed by null and {}', async () => {
    const { call, world } = await served()
    const userId = await world.user()
    const orderId = await world.order(userId, await world.product(), { metadata: { a: '1' } })
    const change = (body: object, as?: string) =>
      call('PATCH', `/api/orders/${orderId}`, { body, ...(as !== undefined && { as }) })
    expect((await change({ metadata: { b: '2' } }, userId)).body.code).toBe('FORBIDDEN')
    for (const metadata of [null, {}]) {
      expect((await change({ metadata: { b: '2' } })).body.metadata).toEqual({ b: '2' })
      const removed = await change({ metadata })
      expect([removed.status, removed.body]).toEqual([
        200,
        expect.not.objectContaining({ metadata: expect.anything() }),
      ])
    }
  })

  test.each([
    [{ metadata: { a: 1 } }, 'metadata'],
    [{ metadata: ['a'] }, 'metadata'],
    [{ metadata: {}, status: 'paid' }, ''],
  ])('is not replaced by %j', async (body, path) => {
    const { call, world } = await served()
    const orderId = await world.order(await world.user(), await world.product())
    const refused = await call('PATCH', `/api/orders/${orderId}`, { body })
    expect([refused.status, refused.body.code]).toEqual([400, 'INVALID_REQUEST'])
    expect(refused.body.errors[0].path.startsWith(path)).toBe(true)
  })

  test('of a missing order is 404', async () => {
    const { call } = await served()
    const answer = await call('PATCH', '/api/orders/none', { body: { metadata: {} } })
    expect([answer.status, answer.body.code]).toEqual([404, 'ORDER_NOT_FOUND'])
  })
})

describe('the metadata of a coupon', () => {
  test('is shown with the coupon and its copies, and replaced as a whole', async () => {
    const { call, world } = await served()
    const userId = await world.user()
    const couponId = await world.coupon({ metadata: { series: '봄', shelf: '1' } })
    await world.issue(userId, couponId)
    const path = `/api/admin/coupons/${couponId}`
    const shown = async () =>
      Promise.all(
        [path, '/api/coupon', '/api/admin/coupons', `/api/coupon/users/${userId}`].map(async (each) => {
          const { body } = await call('GET', each)
          return (body.coupons?.[0] ?? body).metadata
        }),
      )
    expect(new Set((await shown()).map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify({ series: '봄', shelf: '1' })]),
    )
    expect((await call('PATCH', path, { body: { quantity: 11 } })).body.metadata).toEqual({ series: '봄', shelf: '1' })
    expect((await call('PATCH', path, { body: { metadata: { only: 'this' } } })).body.metadata).toEqual({
      only: 'this',
    })
    await call('PATCH', path, { body: { metadata: {} } })
    expect(await shown()).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('an order id of the caller', () => {
  test('is in the Location, taken once, and has no effect on a quote', async () => {
    const { call, world } = await served()
    const [userId, other, productId] = [await world.user(), await world.user(), await world.product()]
    const place = (as: string, orderId: string, path = '/api/orders') =>
      call('POST', path, { as, ...order(as, productId, { orderId }) })
    const placed = await place(userId, 'quote')
    expect([placed.status, placed.body.orderId, placed.headers['location']]).toEqual([
      201,
      'quote',
      '/api/orders/quote',
    ])
    expect((await call('GET', '/api/orders/quote', { as: userId })).body.orderId).toBe('quote')
    for (const as of [userId, other]) {
      const refused = await place(as, 'quote')
      expect([refused.status, refused.body]).toEqual([
        409,
        expect.objectContaining({ code: 'ORDER_ALREADY_EXISTS', orderId: 'quote' }),
      ])
    }
    const quoted = await place(userId, 'quote', '/api/orders/quote')
    expect([quoted.status, quoted.body.finalAmount]).toEqual([200, 1_000])
    expect((await place(userId, 'no/id')).status).toBe(400)
  })

  test('is replayed by an Idempotency-Key and by a reference', async () => {
    const { call, world } = await served()
    const [userId, productId] = [await world.user(), await world.product()]
    const sent = order(userId, productId, { orderId: 'web-1', reference: 'cart-1' })
    const headers = { 'idempotency-key': 'k' }
    const first = await call('POST', '/api/orders', { as: userId, headers, ...sent })
    for (const again of [{ headers }, {}]) {
      const replayed = await call('POST', '/api/orders', { as: userId, ...again, ...sent })
      expect([replayed.status, replayed.text]).toEqual([201, first.text])
    }
    const another = { ...sent.body, orderId: 'web-2' }
    expect((await call('POST', '/api/orders', { as: userId, body: another })).body.code).toBe('REFERENCE_REUSED')
  })
})

test('a currency is in the answers of a shop that names one, and in its live streams', async () => {
  const store = inMemoryStore()
  const { call, world, port } = await served({ shop: () => createShop({ store, currency: 'USD' }) })
  const [userId, productId] = [await world.user(5_000), await world.product()]
  const orderId = await world.order(userId, productId)
  await world.payment(userId, orderId)
  const bodies = await Promise.all(
    [`products/${productId}`, `admin/products/${productId}`, `balance/${userId}`, `orders/${orderId}`].map(
      async (path) => (await call('GET', `/api/${path}`)).body,
    ),
  )
  for (const body of bodies) expect(body.currency).toBe('USD')
  expect((await call('GET', '/api/admin/outbox')).body.events[0].data.currency).toBe('USD')
  await call('POST', '/api/admin/products/top/refresh')
  expect((await call('GET', '/api/products/top')).body.products).toMatchObject([{ price: 1_000, currency: 'USD' }])
  const closing = new AbortController()
  const live = await fetch(`http://127.0.0.1:${port}/api/products/${productId}/live`, { signal: closing.signal })
  const { value } = (await live.body?.getReader().read()) ?? {}
  expect(new TextDecoder().decode(value)).toContain('"currency":"USD"')
  closing.abort()
})
