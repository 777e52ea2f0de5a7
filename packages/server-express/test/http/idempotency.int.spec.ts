import { describe, expect, test } from 'vitest'
import type { RawResponse } from './support/client.js'
import { serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

const withKey = (key = 'key-1') => ({ 'idempotency-key': key })

/** The parts that two responses must share. A refusal may differ in request id and language. */
const said = ({ status, body, headers }: RawResponse) => {
  const { requestId, detail, ...rest } = body
  return { status, rest, location: headers.location }
}

describe('the same request with the same key', () => {
  test('returns the first outcome, including Location', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const [userId, productId] = [await world.user(), await world.product()]
    const place = () =>
      call('POST', '/api/orders', {
        as: userId,
        headers: withKey(),
        body: { userId, products: [{ productId, quantity: 2 }] },
      })
    const [first, second] = [await place(), await place()]
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect(second.headers.location).toBe(`/api/orders/${first.body.orderId}`)
    expect(said(second)).toEqual(said(first))
    expect((await call('GET', `/api/products/${productId}`)).body.stock).toBe(8)
  })

  test('may be formatted differently', async () => {
    const { call } = await serveShop()
    const texts = [
      '{"userId":"a","amount":100}',
      ' { "amount" : 1e2 , "userId" : "\\u0061" } ',
      '{"amount":100.0,"userId":"a"}',
    ]
    const answers: RawResponse[] = []
    for (const raw of texts) answers.push(await call('POST', '/api/balance/charge', { raw, headers: withKey() }))
    expect(answers.map(({ status, body }) => [status, body.balance])).toEqual([
      [200, 100],
      [200, 100],
      [200, 100],
    ])
  })

  test('has one effect if sent concurrently', async () => {
    const { call } = await serveShop()
    const userId = await worldOf(call).user()
    const charge = () =>
      call('POST', '/api/balance/charge', { as: userId, headers: withKey(), body: { userId, amount: 7 } })
    const answers = await Promise.all(Array.from({ length: 20 }, charge))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1)
    expect((await call('GET', `/api/balance/${userId}`)).body.balance).toBe(7)
  })

  test('replays a refusal, in the language of the current request', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const [userId, couponId] = [await world.user(), await world.coupon({ quantity: 1 })]
    await world.issue(await world.user(), couponId)
    const issue = (language: string) =>
      call('POST', '/api/coupon/issue', {
        as: userId,
        headers: { ...withKey(), 'accept-language': language },
        body: { userId, couponId },
      })
    const first = await issue('en')
    await call('PATCH', `/api/admin/coupons/${couponId}`, { body: { quantity: 5 } })
    const second = await issue('ko')
    expect([first.body.code, first.body.detail]).toEqual(['COUPON_SOLD_OUT', 'The coupon is sold out.'])
    expect([second.body.detail, second.headers['idempotent-replayed']]).toEqual(['쿠폰 재고 부족', 'true'])
    expect(said(second)).toEqual(said(first))
  })

  test('works on a route without a body, by its path', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const userId = await world.user()
    const productId = await world.product()
    const [one, two] = [await world.order(userId, productId), await world.order(userId, productId)]
    const cancel = (orderId: string, raw?: string) =>
      call('POST', `/api/orders/${orderId}/cancel`, { as: userId, headers: withKey(), ...(raw && { raw }) })
    const first = await cancel(one)
    expect(said(await cancel(one, '{}'))).toEqual(said(first))
    expect((await cancel(two)).body.code).toBe('IDEMPOTENCY_KEY_REUSED')
  })

  test('replays the first ranking', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const userId = await world.user(50_000)
    const productId = await world.product()
    await world.payment(userId, await world.order(userId, productId))
    const refresh = (headers = {}) => call('POST', '/api/admin/products/top/refresh', { headers })
    const first = await refresh(withKey())
    await world.payment(userId, await world.order(userId, productId))
    expect((await refresh()).body.products[0].sold).toBe(2)
    const replay = await refresh(withKey())
    expect(replay.headers['idempotent-replayed']).toBe('true')
    expect(replay.body).toEqual(first.body)
  })

  test('may omit a default', async () => {
    const { call, clock } = await serveShop()
    const body = {
      name: 'Opening',
      discount: { kind: 'fixed', amount: 1 },
      quantity: 1,
      validUntil: '2999-01-01T00:00:00Z',
    }
    const create = () => call('POST', '/api/admin/coupons', { headers: withKey(), body })
    const first = await create()
    clock.advance(60_000)
    expect(said(await create())).toEqual(said(first))
  })
})

describe('an idempotency key', () => {
  test('compares the JSON as sent, without defaults', async () => {
    const { call } = await serveShop()
    const discount = { kind: 'fixed', amount: 1 }
    const create = (validUntil: string) =>
      call('POST', '/api/admin/coupons', { headers: withKey(), body: { name: 'x', discount, quantity: 1, validUntil } })
    expect((await create('2999-01-01T00:00:00Z')).status).toBe(201)
    expect((await create('2999-01-01T00:00:00.000Z')).status).toBe(422)
  })

  test('that was used for another request is refused', async () => {
    const { call } = await serveShop()
    const world = worldOf(call)
    const userId = await world.user()
    const send = (path: string, body: object) => call('POST', path, { as: userId, headers: withKey(), body })
    await send('/api/balance/charge', { userId, amount: 1 })
    const reused = [
      await send('/api/balance/charge', { userId, amount: 2 }),
      await send('/api/coupon/issue', { userId, couponId: 'any' }),
    ]
    expect(reused.map(({ status, body }) => [status, body.code])).toEqual([
      [422, 'IDEMPOTENCY_KEY_REUSED'],
      [422, 'IDEMPOTENCY_KEY_REUSED'],
    ])
  })

  test('is scoped to its caller', async () => {
    const { call } = await serveShop()
    const charge = (userId: string) =>
      call('POST', '/api/balance/charge', { as: userId, headers: withKey(), body: { userId, amount: 3 } })
    expect([(await charge('a')).status, (await charge('b')).status]).toEqual([200, 200])
  })

  test('is scoped to the named user if authentication is off', async () => {
    const authenticator = { authenticate: async () => ({ userId: 'anonymous', isAdministrator: true }) }
    const { call } = await serveShop({ deps: { auth: 'off', authenticator } })
    const charge = (userId: string, amount: number) =>
      call('POST', '/api/balance/charge', { as: null, headers: withKey(), body: { userId, amount } })
    const create = (name: string) =>
      call('POST', '/api/admin/products', { as: null, headers: withKey(), body: { name, price: 1, stock: 1 } })
    const statuses = [charge('a', 1), charge('b', 2), charge('a', 3), create('x'), create('y')]
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([200, 200, 422, 201, 422])
  })

  test('is not consumed by a malformed or forbidden request', async () => {
    const { call } = await serveShop()
    const charge = (as: string, amount: unknown) =>
      call('POST', '/api/balance/charge', { as, headers: withKey(), body: { userId: 'a', amount } })
    expect([(await charge('a', 'x')).status, (await charge('b', 1)).status, (await charge('a', 1)).status]).toEqual([
      400, 403, 200,
    ])
  })

  test.each([
    ['empty', ''],
    ['too long', 'k'.repeat(256)],
    ['with a space', 'a b'],
    ['with a control character', 'a\tb'],
    ['beyond ASCII', 'caf\u00e9'],
    ['sent twice', ['one', 'two']],
  ])('that is %s is malformed', async (_, key) => {
    const { call } = await serveShop()
    const { status, body } = await call('POST', '/api/users', {
      headers: { 'idempotency-key': key },
      body: { userId: 'someone' },
    })
    expect([status, body.errors]).toEqual([400, [{ path: 'Idempotency-Key', message: expect.any(String) }]])
  })

  test.each(['!', '~'.repeat(255), '"quoted",and;more'])('may look like %.20s', async (key) => {
    const { call } = await serveShop()
    expect((await call('POST', '/api/users', { headers: withKey(key), body: { userId: 'someone' } })).status).toBe(201)
  })

  test('is ignored on reads and on PATCH', async () => {
    const { call } = await serveShop()
    const productId = await worldOf(call).product()
    const rename = (name: string) =>
      call('PATCH', `/api/admin/products/${productId}`, { headers: withKey(), body: { name } })
    expect([(await rename('a')).body.name, (await rename('b')).body.name]).toEqual(['a', 'b'])
    expect((await call('GET', '/api/products', { headers: withKey('') })).status).toBe(200)
  })
})
