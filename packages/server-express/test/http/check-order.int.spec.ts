import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { makeRoutes } from '../../src/http/route-table.js'
import { allowedAt, type CallOptions } from './support/client.js'
import { serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

const text = { 'content-type': 'text/plain' }
const tooLarge = 'x'.repeat(102_401)

/** Each request has at least two faults. The response names the code that is listed. */
const precedence: readonly (readonly [string, string, string, CallOptions])[] = [
  ['NOT_FOUND', 'POST', '/api/none', { as: null, raw: tooLarge, headers: text }],
  ['METHOD_NOT_ALLOWED', 'PUT', '/api/orders', { as: null, raw: tooLarge, headers: text }],
  ['PAYLOAD_TOO_LARGE', 'POST', '/api/orders', { as: null, raw: tooLarge, headers: text }],
  ['UNSUPPORTED_MEDIA_TYPE', 'POST', '/api/orders', { as: null, raw: '{', headers: text }],
  ['UNAUTHENTICATED', 'POST', '/api/orders', { as: null, raw: '{' }],
  ['UNSUPPORTED_MEDIA_TYPE', 'POST', '/api/orders', { as: null, raw: '{', headers: { 'content-encoding': 'gzip' } }],
  ['PAYLOAD_TOO_LARGE', 'POST', '/api/orders', { as: null, raw: tooLarge, headers: { 'content-encoding': 'gzip' } }],
  ['UNAUTHENTICATED', 'GET', '/api/balance/%ZZ', { as: null }],
  ['UNAUTHENTICATED', 'GET', '/api/orders?limit=x', { as: null }],
  ['INVALID_REQUEST', 'POST', '/api/admin/products', { as: 'user', raw: '{' }],
  ['INVALID_REQUEST', 'POST', '/api/admin/products/top/refresh', { as: 'user', headers: { 'idempotency-key': 'a b' } }],
  ['INVALID_REQUEST', 'POST', '/api/balance/charge', { as: 'user', body: { userId: 'other', amount: 'x' } }],
  ['INVALID_REQUEST', 'GET', '/api/orders', { as: 'user' }],
  ['FORBIDDEN', 'POST', '/api/balance/charge', { as: 'user', body: { userId: 'other', amount: -1 } }],
  ['FORBIDDEN', 'POST', '/api/admin/outbox/none/redeliver', { as: 'user' }],
  ['USER_NOT_FOUND', 'POST', '/api/balance/charge', { as: 'user', body: { userId: 'user', amount: -1 } }],
]

describe('the order of checks', () => {
  test.each(precedence)('%s takes precedence: %s %s', async (code, method, path, options) => {
    const { call } = await serveShop({ preset: 'one-call' })
    expect((await call(method, path, options)).body.code).toBe(code)
  })
})

describe('routing', () => {
  test.each([
    '/api/products/',
    '/API/products',
    '/api//products',
    '/api/%70roducts',
    '/api/balance',
    '/api/balance//history',
    '/api/orders/a/b',
    '/docs/',
    '/docs/index.html',
    '/docs/__proto__',
    '/.git/config',
    '/',
    '*',
  ])('%s is not a path of the API', async (path) => {
    const { call } = await serveShop()
    expect((await call('GET', path)).body.code).toBe('NOT_FOUND')
  })

  test.each(['/api/%ZZ', '/%', '/api/products/%C3%28', '/api/products/..%2f..', '/docs/..%2fpackage.json'])(
    '%s is malformed',
    async (path) => {
      const { call } = await serveShop()
      expect((await call('GET', path)).body.code).toBe('INVALID_REQUEST')
    },
  )

  test('a target in absolute form matches the same route', async () => {
    const { port } = await serveShop()
    const socket = connect(port, '127.0.0.1')
    socket.write('GET http://shop.example/api/products?size=1 HTTP/1.1\r\nhost: shop.example\r\n\r\n')
    const [answer] = await once(socket, 'data')
    socket.destroy()
    expect(String(answer)).toMatch(/^HTTP\/1.1 200 /)
  })

  const paths = [...new Set(makeRoutes().map(({ path }) => path))]

  test.each(paths)('OPTIONS and unknown methods on %s are 405 with Allow', async (pattern) => {
    const { call } = await serveShop()
    const path = pattern.replace(/\{\w+\}/g, 'an-id')
    for (const method of ['OPTIONS', 'PUT', 'DELETE']) {
      const { status, headers } = await call(method, path, { as: null })
      expect([status, headers.allow]).toEqual([405, allowedAt(path)])
    }
  })

  test('GET /api/balance/charge is the balance of the user charge', async () => {
    const { call } = await serveShop()
    const charge = { userId: 'charge', amount: 70 }
    await call('POST', '/api/users', { body: { userId: 'charge' } })
    expect((await call('POST', '/api/balance/charge', { as: 'charge', body: charge })).status).toBe(200)
    const { status, body } = await call('GET', '/api/balance/charge', { as: 'charge' })
    expect([status, body]).toEqual([200, { userId: 'charge', balance: 70 }])
    expect((await call('HEAD', '/api/balance/charge', { as: 'charge' })).status).toBe(200)
    expect((await call('GET', '/api/balance/charge/history', { as: 'charge' })).status).toBe(200)
    const { status: refused, headers } = await call('DELETE', '/api/balance/charge')
    expect([refused, headers.allow]).toEqual([405, 'POST, GET, HEAD'])
  })

  test('a literal segment takes precedence over an id', async () => {
    const { call } = await serveShop()
    expect((await call('GET', '/api/products/top')).body.products).toEqual([])
    expect((await call('HEAD', '/api/products/top')).status).toBe(200)
    expect((await call('PATCH', '/api/admin/products/top', { body: { price: 1 } })).body.code).toBe('PRODUCT_NOT_FOUND')
  })

  test('HEAD is GET without a body', async () => {
    const { call } = await serveShop()
    const productId = await worldOf(call).product()
    const [head, get] = [
      await call('HEAD', `/api/products/${productId}`),
      await call('GET', `/api/products/${productId}`),
    ]
    expect([head.status, head.headers['content-length']]).toEqual([200, get.headers['content-length']])
    expect((await call('HEAD', '/api/products/none')).status).toBe(404)
    expect((await call('HEAD', '/api/orders/none/cancel')).status).toBe(405)
  })

  test('the body of a GET is ignored', async () => {
    const { call } = await serveShop()
    expect((await call('GET', '/api/products', { raw: '{"x":', headers: text })).status).toBe(200)
  })
})

describe('authorisation', () => {
  test('users act for themselves only', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const [owner, other] = [await world.user(5_000), await world.user(5_000)]
    const orderId = await world.order(owner, await world.product())
    const answers = [
      await call('GET', `/api/balance/${owner}`, { as: other }),
      await call('GET', `/api/balance/${owner}/history`, { as: other }),
      await call('GET', `/api/coupon/users/${owner}`, { as: other }),
      await call('GET', `/api/orders?userId=${owner}`, { as: other }),
      await call('POST', '/api/payments', { as: other, body: { userId: owner, orderId } }),
      await call('POST', '/api/users', { as: other, body: { userId: 'third' } }),
    ]
    expect(answers.map(({ body }) => body.code)).toEqual(answers.map(() => 'FORBIDDEN'))
  })

  test("another user's order and payment are not found", async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const [owner, other] = [await world.user(5_000), await world.user(5_000)]
    const orderId = await world.order(owner, await world.product())
    const codes = [
      await call('GET', `/api/orders/${orderId}`, { as: other }),
      await call('POST', `/api/orders/${orderId}/cancel`, { as: other }),
      await call('POST', '/api/payments', { as: other, body: { userId: other, orderId } }),
      await call('GET', `/api/payments/${await world.payment(owner, orderId)}`, { as: other }),
    ].map(({ body }) => body.code)
    expect(codes).toEqual(['ORDER_NOT_FOUND', 'ORDER_NOT_FOUND', 'ORDER_NOT_FOUND', 'PAYMENT_NOT_FOUND'])
  })

  test('an administrator sees every order, and pays on behalf of its user', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const [owner, other] = [await world.user(5_000), await world.user(5_000)]
    const orderId = await world.order(owner, await world.product())
    expect((await call('GET', '/api/orders')).body.orders).toHaveLength(1)
    const wrong = await call('POST', '/api/payments', { body: { userId: other, orderId } })
    expect(wrong.body.code).toBe('ORDER_NOT_FOUND')
    expect((await call('POST', '/api/payments', { body: { userId: owner, orderId } })).status).toBe(200)
  })

  const administered = makeRoutes().filter(({ access }) => access === 'administrator')

  test.each(administered.map(({ method, path }) => [method, path]))(
    '%s %s requires an administrator',
    async (method, path) => {
      const { call } = await serveShop()
      const body = {
        '/api/admin/products': { name: 'x', price: 1, stock: 1 },
        '/api/admin/products/{productId}': {},
        '/api/admin/products/{productId}/stock': { change: 1 },
        '/api/admin/balance/grant': { userId: 'user', amount: 1 },
        '/api/admin/balance/withdraw': { userId: 'user', amount: 1 },
        '/api/admin/balance/adjust': { userId: 'user', change: 1, reason: 'x' },
        '/api/admin/coupons': {
          name: 'x',
          discount: { kind: 'fixed', amount: 1 },
          quantity: 1,
          validUntil: '2999-01-01T00:00:00Z',
        },
      }[path]
      const query = path === '/api/admin/statement' ? '?from=2026-01-01&to=2026-01-01' : ''
      const sent = path.replace(/\{\w+\}/g, 'an-id') + query
      const user = await call(method, sent, { as: 'user', body: method === 'GET' ? undefined : (body ?? {}) })
      expect(user.body.code).toBe('FORBIDDEN')
      expect((await call(method, sent, { as: null })).body.code).toBe('UNAUTHENTICATED')
    },
  )

  test('public reads need no token, and ignore an invalid one', async () => {
    const { call } = await serveShop()
    for (const path of [
      '/api/products',
      '/api/products/top',
      '/api/coupon',
      '/healthz',
      '/readyz',
      '/metrics',
      '/docs',
    ])
      expect((await call('GET', path, { as: null, headers: { authorization: 'Bearer broken' } })).status).toBe(200)
  })
})
