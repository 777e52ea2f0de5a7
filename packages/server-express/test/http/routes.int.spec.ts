import { recordLostHistory } from '@shop/core/commands'
import express from 'express'
import { describe, expect, test } from 'vitest'
import { makeRoutes } from '../../src/http/route-table.js'
import type { CallShop, RawResponse } from './support/client.js'
import { serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

type World = ReturnType<typeof worldOf>
type Case = (call: CallShop, world: World) => Promise<RawResponse>

const deadEvent = async (call: CallShop, world: World): Promise<string> => {
  const userId = await world.user()
  const orderId = await world.order(userId, await world.product())
  await call('POST', `/api/orders/${orderId}/cancel`)
  const { body } = await call('GET', '/api/admin/outbox')
  return body.events[0].eventId
}

const lossOf = (lossId: string) => ({
  lossId,
  groups: 1,
  commands: 2,
  firstAt: 1,
  lastAt: 2,
  fromHistory: null,
  toHistory: 'two',
  orderIds: ['o1'],
  isPartial: false,
})

/** One successful request per route. The client checks its response against the route's schema. */
const cases: Record<string, Case> = {
  'POST /api/users': (call) => call('POST', '/api/users', { as: 'new-user', body: { userId: 'new-user' } }),
  'POST /api/balance/charge': async (call, world) => {
    const userId = await world.user()
    return call('POST', '/api/balance/charge', { as: userId, body: { userId, amount: 500 } })
  },
  'GET /api/balance/{userId}': async (call, world) => {
    const userId = await world.user(70)
    return call('GET', `/api/balance/${userId}`, { as: userId })
  },
  'GET /api/balance/{userId}/history': async (call, world) => {
    const userId = await world.user(70)
    return call('GET', `/api/balance/${userId}/history`, { as: userId })
  },
  'POST /api/admin/balance/grant': async (call, world) => {
    const body = { userId: await world.user(), amount: 500, expiresAt: '2999-01-01T00:00:00Z', reason: 'welcome' }
    return call('POST', '/api/admin/balance/grant', { body: { ...body, reference: 'g-1', metadata: { by: 'crm' } } })
  },
  'POST /api/admin/balance/withdraw': async (call, world) => {
    const body = { userId: await world.user(70), amount: 70, reason: 'closed', reference: 'w-1', metadata: {} }
    return call('POST', '/api/admin/balance/withdraw', { body })
  },
  'POST /api/admin/balance/adjust': async (call, world) => {
    const body = { userId: await world.user(70), change: -7, reason: 'counted again', reference: 'a-1' }
    return call('POST', '/api/admin/balance/adjust', { body })
  },
  'GET /api/admin/entries': async (call, world) => {
    await world.user(70)
    return call('GET', '/api/admin/entries?kind=charge&limit=5')
  },
  'GET /api/admin/statement': (call) => call('GET', '/api/admin/statement?from=2026-01-01&to=2026-01-31'),
  'GET /api/products': async (call, world) => {
    await world.product()
    return call('GET', '/api/products?page=0&size=10&keyword=key', { as: null })
  },
  'GET /api/products/top': (call) => call('GET', '/api/products/top?limit=3', { as: null }),
  'GET /api/products/{productId}': async (call, world) =>
    call('GET', `/api/products/${await world.product()}`, { as: null }),
  // The answer to GET does not end: live.int.spec.ts reads it.
  'GET /api/products/{productId}/live': async (call, world) =>
    call('HEAD', `/api/products/${await world.product()}/live`, { as: null }),
  'GET /api/drops': async (call, world) => {
    await world.product({ opensAt: '2998-01-01T00:00:00Z' })
    return call('GET', '/api/drops', { as: null })
  },
  'POST /api/coupon/issue': async (call, world) => {
    const [userId, couponId] = [await world.user(), await world.coupon()]
    return call('POST', '/api/coupon/issue', { as: userId, body: { userId, couponId } })
  },
  'POST /api/coupons/{couponId}/issue': async (call, world) => {
    const [userId, couponId] = [await world.user(), await world.coupon()]
    return call('POST', `/api/coupons/${couponId}/issue`, { as: userId, body: { userId } })
  },
  'GET /api/coupon/users/{userId}': async (call, world) => {
    const userId = await world.user()
    await world.issue(userId, await world.coupon({ discount: { kind: 'percentage', percent: 5, maximum: 10 } }))
    return call('GET', `/api/coupon/users/${userId}`, { as: userId })
  },
  'GET /api/coupon': async (call, world) => {
    await world.coupon({ minimumOrderAmount: 0 })
    return call('GET', '/api/coupon', { as: null })
  },
  'POST /api/orders': async (call, world) => {
    const [userId, productId] = [await world.user(), await world.product()]
    return call('POST', '/api/orders', { as: userId, body: { userId, products: [{ productId, quantity: 2 }] } })
  },
  'POST /api/orders/quote': async (call, world) => {
    const [userId, productId] = [await world.user(), await world.product()]
    const body = { userId, products: [{ productId, quantity: 2 }], couponId: await world.coupon() }
    return call('POST', '/api/orders/quote', { as: userId, body })
  },
  'GET /api/orders/{orderId}': async (call, world) => {
    const userId = await world.user()
    return call('GET', `/api/orders/${await world.order(userId, await world.product())}`, { as: userId })
  },
  'GET /api/orders': async (call, world) => {
    const userId = await world.user()
    await world.order(userId, await world.product())
    return call('GET', `/api/orders?userId=${userId}&status=pending`, { as: userId })
  },
  'POST /api/orders/{orderId}/cancel': async (call, world) => {
    const userId = await world.user()
    return call('POST', `/api/orders/${await world.order(userId, await world.product())}/cancel`, { as: userId })
  },
  'POST /api/orders/{orderId}/refund': async (call, world) => {
    const userId = await world.user(5_000)
    const orderId = await world.order(userId, await world.product())
    await world.payment(userId, orderId)
    return call('POST', `/api/orders/${orderId}/refund`, { body: {} })
  },
  'POST /api/payments': async (call, world) => {
    const userId = await world.user(5_000)
    const orderId = await world.order(userId, await world.product())
    return call('POST', '/api/payments', { as: userId, body: { userId, orderId } })
  },
  'GET /api/payments/{paymentId}': async (call, world) => {
    const userId = await world.user(5_000)
    const paymentId = await world.payment(userId, await world.order(userId, await world.product()))
    return call('GET', `/api/payments/${paymentId}`, { as: userId })
  },
  'POST /api/admin/products': (call) =>
    call('POST', '/api/admin/products', { body: { name: '머그컵', price: 0, stock: 0 } }),
  'GET /api/admin/products': async (call, world) => {
    await world.product()
    return call('GET', '/api/admin/products?page=0&size=10&keyword=key')
  },
  'GET /api/admin/products/{productId}': async (call, world) =>
    call('GET', `/api/admin/products/${await world.product()}`),
  'PATCH /api/admin/products/{productId}': async (call, world) =>
    call('PATCH', `/api/admin/products/${await world.product()}`, { body: { price: 7, listed: false } }),
  'POST /api/admin/products/{productId}/stock': async (call, world) =>
    call('POST', `/api/admin/products/${await world.product()}/stock`, { body: { change: -3 } }),
  'POST /api/admin/products/top/refresh': async (call, world) => {
    const userId = await world.user(5_000)
    await world.payment(userId, await world.order(userId, await world.product()))
    return call('POST', '/api/admin/products/top/refresh')
  },
  'POST /api/admin/coupons': (call) =>
    call('POST', '/api/admin/coupons', {
      body: {
        name: 'Opening',
        discount: { kind: 'percentage', percent: 10 },
        quantity: 3,
        validFrom: '2026-01-01T00:00:00Z',
        validUntil: '2999-01-01T00:00:00Z',
        minimumOrderAmount: 5,
      },
    }),
  'GET /api/admin/coupons': async (call, world) => {
    await world.coupon()
    return call('GET', '/api/admin/coupons')
  },
  'GET /api/admin/coupons/{couponId}': async (call, world) => call('GET', `/api/admin/coupons/${await world.coupon()}`),
  'PATCH /api/orders/{orderId}': async (call, world) => {
    const orderId = await world.order(await world.user(), await world.product())
    return call('PATCH', `/api/orders/${orderId}`, { body: { metadata: { packed: 'yes' } } })
  },
  'PATCH /api/admin/coupons/{couponId}': async (call, world) =>
    call('PATCH', `/api/admin/coupons/${await world.coupon()}`, { body: { quantity: 99 } }),
  'GET /api/admin/audit': (call) => call('GET', '/api/admin/audit'),
  'GET /api/admin/outbox': async (call, world) => {
    await deadEvent(call, world)
    return call('GET', '/api/admin/outbox?status=pending&limit=5')
  },
  'GET /api/admin/history/losses': (call) => call('GET', '/api/admin/history/losses?open=true&limit=5'),
  'GET /healthz': (call) => call('GET', '/healthz', { as: null }),
  'GET /readyz': (call) => call('GET', '/readyz', { as: null }),
  'GET /metrics': (call) => call('GET', '/metrics', { as: null }),
  'GET /openapi.json': (call) => call('GET', '/openapi.json', { as: null }),
  'GET /docs': (call) => call('GET', '/docs', { as: null }),
  'GET /docs/problems': (call) => call('GET', '/docs/problems', { as: null }),
  'GET /docs/{file}': (call) => call('GET', '/docs/swagger-ui-bundle.js', { as: null }),
}

const acknowledge = 'POST /api/admin/history/losses/{lossId}/acknowledge'
const redeliver = 'POST /api/admin/outbox/{eventId}/redeliver'

test('every route of the table has a case', () => {
  const routes = makeRoutes().map(({ method, path }) => `${method} ${path}`)
  expect([...Object.keys(cases), acknowledge, redeliver].sort()).toEqual(routes.sort())
})

describe('a valid request', () => {
  test.each(Object.entries(cases))('%s responds as documented', async (_, tried) => {
    const { call } = await serveShop()
    const { status, headers } = await tried(call, worldOf(call))
    expect(status).toBeLessThan(300)
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test(`${acknowledge}: the audit is clean again`, async () => {
    const { call, shop } = await serveShop()
    await shop.execute(recordLostHistory, lossOf('loss-1'))
    await shop.execute(recordLostHistory, lossOf('loss-2'))
    const listed = await call('GET', '/api/admin/history/losses?open=true&limit=1')
    expect(listed.body.losses).toMatchObject([{ lossId: 'loss-2', orderIds: ['o1'], acknowledgedAt: null }])
    const more = await call('GET', `/api/admin/history/losses?limit=1&cursor=${listed.body.nextCursor}`)
    expect(more.body).toMatchObject({ losses: [{ lossId: 'loss-1' }], nextCursor: null })
    expect((await call('GET', '/api/admin/audit')).body).toMatchObject({ ok: false })
    const path = (lossId: string) => `/api/admin/history/losses/${lossId}/acknowledge`
    const body = { note: 'dealt with' }
    expect((await call('POST', path('loss-1'), { body })).body).toMatchObject({ note: 'dealt with' })
    expect((await call('POST', path('loss-1'))).body).toMatchObject({ note: 'dealt with' })
    expect((await call('POST', path('loss-2'))).body).toMatchObject({ note: null, acknowledgedAt: expect.any(String) })
    expect((await call('POST', path('loss-2'), { as: 'user' })).status).toBe(403)
    expect((await call('GET', '/api/admin/history/losses', { as: 'user' })).status).toBe(403)
    expect((await call('GET', '/api/admin/history/losses?open=true')).body).toEqual({ losses: [], nextCursor: null })
    expect((await call('GET', '/api/admin/audit')).body).toMatchObject({ ok: true })
    expect((await call('GET', '/api/admin/outbox')).body.events).toHaveLength(2)
  })

  test(`${redeliver}: a dead event waits again`, async () => {
    const { call, store } = await serveShop()
    const eventId = await deadEvent(call, worldOf(call))
    const [claimed] = await store.outbox.claimEvents({ limit: 1, leaseMs: 1_000, lease: 'test' })
    if (!claimed) throw new Error('there is no event to claim')
    await store.outbox.recordDeliveries([{ eventId, lease: claimed.lease, status: 'dead', error: 'gave up' }])
    const { status, body } = await call('POST', `/api/admin/outbox/${eventId}/redeliver`)
    expect([status, body.status, body.attempts]).toEqual([202, 'pending', 0])
  })

  test.each([
    ['/api/users', { userId: 'someone' }, '/api/balance/someone'],
    ['/api/admin/products', { productId: 'mug', name: 'Mug', price: 1, stock: 1 }, '/api/products/mug'],
    [
      '/api/admin/coupons',
      {
        couponId: 'spring',
        name: 'S',
        discount: { kind: 'fixed', amount: 1 },
        quantity: 1,
        validUntil: '2999-01-01T00:00:00Z',
      },
      '/api/admin/coupons/spring',
    ],
  ])('the resource created by POST %s can be read at its Location', async (path, body, location) => {
    const { call } = await serveShop()
    const made = await call('POST', path, { body })
    expect([made.status, made.headers.location]).toEqual([201, location])
    expect((await call('GET', location)).status).toBe(200)
  })

  test('Location, type and instance include the mount path', async () => {
    const { port } = await serveShop({ host: (app) => express().use('/shop', app) })
    const made = await fetch(`http://127.0.0.1:${port}/shop/api/products/none`)
    expect(await made.json()).toMatchObject({
      type: '/shop/docs/problems#PRODUCT_NOT_FOUND',
      instance: '/shop/api/products/none',
    })
  })

  test('a refresh returns the new ranking, including unflushed views', async () => {
    const { call, clock } = await serveShop()
    const world = worldOf(call)
    const userId = await world.user(50_000)
    const products: string[] = []
    for (const name of ['old', 'seen', 'new']) {
      products.push(await world.product({ name }))
      clock.advance(1)
    }
    for (const productId of products) await world.payment(userId, await world.order(userId, productId))
    await call('GET', `/api/products/${products[1]}`, { as: null })
    const { body } = await call('POST', '/api/admin/products/top/refresh')
    expect(body.products.map((product: { name: string }) => product.name)).toEqual(['seen', 'new', 'old'])
    expect((await call('GET', '/api/products/top', { as: null })).body).toEqual(body)
  })
})
