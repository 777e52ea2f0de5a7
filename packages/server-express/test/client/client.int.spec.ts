import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type ClientOptions,
  type components,
  createShopClient,
  isShopProblem,
  newIdempotencyKey,
  UnexpectedAnswer,
} from '../../src/client/index.js'
import type { ProblemFacts } from '../../src/client/problem.js'
import { type ServeOptions, serveShop } from '../http/support/served-shop.js'
import { tokenFor } from '../http/support/tokens.js'
import { worldOf } from '../http/support/world.js'

/** A client of one user, and the requests it sends. */
const clientOf = async (userId: string, { client, serve }: { client?: ClientOptions; serve?: ServeOptions } = {}) => {
  const served = await serveShop(serve)
  const sent: Request[] = []
  const shop = createShopClient({
    baseUrl: `http://127.0.0.1:${served.port}`,
    token: () => tokenFor(userId),
    retry: { firstPauseMs: 1 },
    ...client,
    fetch: (request) => {
      sent.push(request.clone())
      return (client?.fetch ?? globalThis.fetch)(request)
    },
  })
  return { shop, sent, served, world: worldOf(served.call) }
}

const key = (request: Request | undefined) => request?.headers.get('idempotency-key')

const problemFrom = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  )

test('types a purchase from the product list to the payment', async () => {
  const { shop, world } = await clientOf('mina')
  const productId = await world.product({ name: 'Desk lamp', price: 900 })
  await shop.post('/api/balance/charge', { body: { userId: 'mina', amount: 1_000 } })

  const { products } = await shop.get('/api/products', { params: { query: { keyword: 'LAMP', size: 5 } } })
  expectTypeOf(products).toEqualTypeOf<components['schemas']['Product'][]>()
  expect(products.map((product) => product.productId)).toEqual([productId])
  const order = await shop.post('/api/orders', { body: { userId: 'mina', products: [{ productId, quantity: 1 }] } })
  const payment = await shop.post('/api/payments', { body: { userId: 'mina', orderId: order.orderId } })
  expect(payment).toMatchObject({ balance: 100, order: { status: 'paid' } })
  const path = { orderId: order.orderId }
  expect(await shop.get('/api/orders/{orderId}', { params: { path } })).toEqual(payment.order)
})

test('throws a refusal with its code and facts', async () => {
  const { shop, world } = await clientOf('mina', { client: { language: () => 'ko' } })
  const productId = await world.product({ stock: 2 })
  const error = await problemFrom(
    shop.post('/api/orders', { body: { userId: 'mina', products: [{ productId, quantity: 3 }] } }),
  )
  if (!isShopProblem(error, 'STOCK_INSUFFICIENT')) return expect.unreachable(String(error))
  expectTypeOf(error.document.lines[0]?.available).toEqualTypeOf<number | undefined>()
  expect([error.status, error.detail, error.document.lines]).toEqual([
    409,
    '재고 부족',
    [{ productId, requested: 3, available: 2 }],
  ])
  expect(isShopProblem(error, 'BALANCE_INSUFFICIENT', 'USER_NOT_FOUND')).toBe(false)
  expect(isShopProblem(new Error('STOCK_INSUFFICIENT'))).toBe(false)
})

test('types the facts of a reference that is taken, without the user', async () => {
  const { shop } = await clientOf('mina')
  const charge = (amount: number) =>
    shop.post('/api/balance/charge', { body: { userId: 'mina', amount, reference: 'pay-1' } })
  const { entryId } = await charge(10)
  const error = await problemFrom(charge(20))
  if (!isShopProblem(error, 'REFERENCE_REUSED')) return expect.unreachable(String(error))
  expectTypeOf(error.document.entryId).toEqualTypeOf<string | undefined>()
  expectTypeOf<'userId'>().not.toExtend<keyof ProblemFacts<'REFERENCE_REUSED'>>()
  expect([error.status, error.document.reference, error.document.entryId]).toEqual([422, 'pay-1', entryId])
})

test('types quotes, refunds of a part and statements', async () => {
  const { shop, world } = await clientOf('root', { client: { token: () => tokenFor('root', 'shop:admin') } })
  const [userId, productId] = [await world.user(5_000), await world.product()]
  const products = [{ productId, quantity: 2 }]
  const { finalAmount, coupon } = await shop.post('/api/orders/quote', { body: { userId, products } })
  expect([finalAmount, coupon]).toEqual([2_000, null])
  const { orderId } = await shop.post('/api/orders', { body: { userId, products, reference: 'cart-1' } })
  await shop.post('/api/payments', { body: { userId, orderId } })
  const path = { orderId }
  const lines = [{ productId, quantity: 1 }]
  const part = await shop.post('/api/orders/{orderId}/refund', { params: { path }, body: { lines } })
  expect(part.refunds?.map(({ amount }) => amount)).toEqual([1_000])
  const whole = await shop.post('/api/orders/{orderId}/refund', { params: { path } })
  expect([whole.status, whole.refundedAmount]).toEqual(['refunded', 2_000])
  const query = { from: '2026-01-01', to: '9999-12-31' }
  const statement = await shop.get('/api/admin/statement', { params: { query } })
  expectTypeOf(statement).toEqualTypeOf<components['schemas']['Statement']>()
  expect(statement.products[0]).toMatchObject({ productId, sold: 2, refunded: 2 })
})

test('throws UNAUTHENTICATED without a token', async () => {
  const { shop } = await clientOf('mina', { client: { token: () => undefined } })
  const path = { userId: 'mina' }
  const error = await problemFrom(shop.get('/api/balance/{userId}', { params: { path } }))
  expect(isShopProblem(error, 'UNAUTHENTICATED')).toBe(true)
})

describe('the token', () => {
  /** A client whose token source returns these, one after the other. */
  const withTokens = async (...tokens: readonly (string | undefined)[]) => {
    const left = [...tokens]
    const opened = await clientOf('mina', { client: { token: async () => left.shift() } })
    return {
      ...opened,
      left,
      charge: () => opened.shop.post('/api/balance/charge', { body: { userId: 'mina', amount: 10 } }),
    }
  }

  test('may be a promise, and is asked for once per request', async () => {
    const { charge, left } = await withTokens(tokenFor('mina'), tokenFor('mina'), 'unused')
    await charge()
    expect(await charge()).toMatchObject({ balance: 20 })
    expect(left).toEqual(['unused'])
  })

  test('is asked for once more after a 401; the request is sent again with the same key', async () => {
    const valid = tokenFor('mina')
    const { charge, sent, left } = await withTokens('expired', valid, 'unused')
    expect(await charge()).toMatchObject({ balance: 10 })
    expect(sent.map((request) => request.headers.get('authorization'))).toEqual(['Bearer expired', `Bearer ${valid}`])
    expect([key(sent[1]), left]).toEqual([key(sent[0]), ['unused']])
  })

  test('is asked for no third time', async () => {
    const { charge, sent, left } = await withTokens('expired', 'expired as well', tokenFor('mina'))
    expect(isShopProblem(await problemFrom(charge()), 'UNAUTHENTICATED')).toBe(true)
    expect([sent.length, left.length]).toEqual([2, 1])
  })

  test.each([
    ['the same', 'expired'],
    ['none', undefined],
  ])('that is %s after a 401 is not tried again', async (_, second) => {
    const { charge, sent } = await withTokens('expired', second)
    expect(isShopProblem(await problemFrom(charge()), 'UNAUTHENTICATED')).toBe(true)
    expect(sent).toHaveLength(1)
  })

  test('that its source cannot deliver rejects with the error of the source', async () => {
    const failure = new Error('no session')
    const { shop, sent } = await clientOf('mina', { client: { token: () => Promise.reject(failure) } })
    expect(await problemFrom(shop.get('/api/products'))).toBe(failure)
    expect(sent).toEqual([])
  })
})

describe('the idempotency key', () => {
  test('is new for every POST, and is not sent with other methods', async () => {
    const { shop, sent } = await clientOf('mina')
    const charge = { body: { userId: 'mina', amount: 10 } }
    await shop.post('/api/balance/charge', charge)
    await shop.post('/api/balance/charge', charge)
    await shop.get('/api/products')
    expect(sent.map((request) => key(request) ?? 'none')).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{32}$/),
      'none',
    ])
    expect(key(sent[0])).not.toBe(key(sent[1]))
  })

  test('of the caller makes a second call have no second effect', async () => {
    const { shop } = await clientOf('mina')
    const header = { 'Idempotency-Key': newIdempotencyKey() }
    const charge = { params: { header }, body: { userId: 'mina', amount: 10 } }
    const first = await shop.post('/api/balance/charge', charge)
    expect(await shop.post('/api/balance/charge', charge)).toEqual(first)
    const path = { userId: 'mina' }
    expect(await shop.get('/api/balance/{userId}', { params: { path } })).toMatchObject({ balance: 10 })
  })
})

describe('the route', () => {
  const route = (request: Request | undefined) => request?.headers.get('x-shop-route')

  const bought = async (client: ClientOptions) => {
    const { shop, sent, world } = await clientOf('mina', { client })
    const productId = await world.product()
    await shop.post('/api/balance/charge', { body: { userId: 'mina', amount: 5_000 } })
    const { orderId } = await shop.post('/api/orders', {
      body: { userId: 'mina', products: [{ productId, quantity: 1 }] },
    })
    await shop.post('/api/payments', { body: { userId: 'mina', orderId } })
    await shop.get('/api/products/{productId}', { params: { path: { productId } } })
    return { shop, sent, productId, orderId }
  }

  test('goes with every write of a row that others want, and with no read', async () => {
    const { sent, productId } = await bought({})
    expect(sent.map(route)).toEqual([null, productId, productId, null])
  })

  test('is known for an order that another client has placed, once it was read', async () => {
    const { shop, sent, productId, orderId } = await bought({})
    const other = createShopClient({
      baseUrl: new URL(sent[0]?.url ?? '').origin,
      token: () => tokenFor('root', 'shop:admin'),
      fetch: (request) => {
        sent.push(request.clone())
        return fetch(request)
      },
    })
    sent.length = 0
    const path = { orderId }
    await other.get('/api/orders/{orderId}', { params: { path } })
    await other.post('/api/orders/{orderId}/refund', { params: { path } })
    expect(sent.map(route)).toEqual([null, productId])
    expect((await shop.get('/api/orders/{orderId}', { params: { path } })).status).toBe('refunded')
  })

  test('may be turned off, and be given by the caller', async () => {
    const { shop, sent } = await bought({ route: false })
    expect(sent.map(route)).toEqual([null, null, null, null])
    await shop.post('/api/balance/charge', {
      headers: { 'X-Shop-Route': 'mine' },
      body: { userId: 'mina', amount: 10 },
    })
    expect(route(sent.at(-1))).toBe('mine')
  })

  test('of the caller wins', async () => {
    const { shop, sent, productId } = await bought({})
    const body = { userId: 'mina', products: [{ productId, quantity: 1 }] }
    await shop.post('/api/orders', { headers: { 'X-Shop-Route': 'mine' }, body })
    expect(route(sent.at(-1))).toBe('mine')
  })
})

test('retries a lost response with the same key, for one effect', async () => {
  let isLost = false
  const fetch = async (request: Request) => {
    const response = await globalThis.fetch(request)
    if (isLost) return response
    isLost = true
    throw new TypeError('fetch failed')
  }
  const { shop, sent } = await clientOf('mina', { client: { fetch } })
  expect(await shop.post('/api/balance/charge', { body: { userId: 'mina', amount: 10 } })).toMatchObject({
    balance: 10,
  })
  expect(sent.map(key)).toEqual([key(sent[0]), key(sent[0])])
})

test('retries a rate-limited request no earlier than Retry-After', async () => {
  const serve: ServeOptions = { deps: { rateLimit: 1 } }
  const { shop, sent } = await clientOf('mina', { serve })
  const charge = { body: { userId: 'mina', amount: 10 } }
  await shop.post('/api/balance/charge', charge)
  const error = await problemFrom(shop.post('/api/balance/charge', charge))
  expect([isShopProblem(error, 'RATE_LIMITED'), sent.length]).toEqual([true, 2])
})

test('throws UnexpectedAnswer if something other than the shop responds', async () => {
  const fetch = async () =>
    new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'content-type': 'text/html' } })
  const { shop } = await clientOf('mina', { client: { fetch } })
  const error = await problemFrom(shop.get('/api/products'))
  expect(error).toBeInstanceOf(UnexpectedAnswer)
  expect(error).toMatchObject({ status: 502 })
})
