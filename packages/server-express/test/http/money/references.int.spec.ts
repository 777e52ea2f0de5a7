import { describe, expect, test } from 'vitest'
import type { RawResponse } from '../support/client.js'
import { answered, isReplayed, kindNames, kinds, provider, send, shopWithOrders } from '../support/referenced.js'
import { serveShop } from '../support/served-shop.js'

describe('the same request with the same reference', () => {
  test.each(kindNames)('%s: is done once, and answered as it was first, with and without a key', async (kind) => {
    const shop = await shopWithOrders()
    const first = await send(shop, kind)
    expect([first.status < 300, isReplayed(first)]).toEqual([true, false])
    const balance = await shop.balance()
    for (const headers of [
      {},
      { 'idempotency-key': 'one' },
      { 'idempotency-key': 'one' },
      { 'idempotency-key': 'two' },
    ]) {
      const again = await send(shop, kind, {}, { headers })
      expect([answered(again), isReplayed(again)]).toEqual([answered(first), true])
    }
    expect(await shop.balance()).toBe(balance)
  })

  test('places an order that is answered as first, though it was paid, refunded or has expired since', async () => {
    const shop = await shopWithOrders()
    const { call, userId, clock } = shop
    const as = { as: userId }
    const first = await send(shop, 'order', {}, as)
    expect([first.status, first.headers.location]).toEqual([201, `/api/orders/${first.body.orderId}`])
    const expectFirst = async () => expect(answered(await send(shop, 'order', {}, as))).toEqual(answered(first))
    await shop.world.payment(userId, first.body.orderId)
    await expectFirst()
    await call('POST', `/api/orders/${first.body.orderId}/refund`)
    await expectFirst()
    const late = await send(shop, 'order', { reference: 'ref-2' })
    clock.advance(3_600_000)
    expect((await call('GET', `/api/orders/${late.body.orderId}`)).body.status).toBe('expired')
    expect(answered(await send(shop, 'order', { reference: 'ref-2' }))).toEqual(answered(late))
  })

  test('grants bonus money once, also after its end', async () => {
    const shop = await shopWithOrders()
    const expiresAt = new Date(shop.clock.now() + 60_000).toISOString()
    const first = await send(shop, 'grant', { expiresAt })
    shop.clock.advance(30 * 24 * 3_600_000)
    const late = await send(shop, 'grant', { expiresAt })
    expect([answered(late), isReplayed(late)]).toEqual([answered(first), true])
    expect((await send(shop, 'grant', { expiresAt, reference: 'ref-2' })).body.errors[0].path).toBe('expiresAt')
  })

  test('is the same whoever sends it', async () => {
    const shop = await shopWithOrders({ deps: { chargeAccess: 'administrator' } })
    const first = await send(shop, 'charge', {}, provider)
    expect(answered(await send(shop, 'charge'))).toEqual(answered(first))
    expect(answered(await send(shop, 'charge', {}, { ...provider, as: 'provider-2' }))).toEqual(answered(first))
  })

  test('may be formatted differently', async () => {
    const { call } = await serveShop()
    const texts = [
      '{"userId":"a","amount":100,"reference":"r/1","metadata":{"a":"1","b":"2"}}',
      ' { "metadata":{"b":"2","a":"\\u0031"}, "reference":"r\\/1", "amount" : 1e2 , "userId" : "\\u0061" } ',
    ]
    const answers: RawResponse[] = []
    for (const raw of texts) answers.push(await call('POST', '/api/balance/charge', { raw }))
    expect(answers.map(({ body }) => body.balance)).toEqual([100, 100])
    expect(answers.map(isReplayed)).toEqual([false, true])
  })
})

describe('another request with the same reference', () => {
  test.each<[kind: string, first: object, second: object]>([
    ['charge', {}, { amount: 301 }],
    ['charge', {}, { userId: 'somebody-else' }],
    ['charge', { metadata: { a: '1' } }, { metadata: { a: '1', b: '' } }],
    ['charge', { metadata: { a: '1' } }, JSON.parse('{"metadata":{"a":"1","__proto__":"2"}}')],
    ['grant', {}, { expiresAt: '2999-01-01T00:00:00Z' }],
    ['grant', { expiresAt: '2999-01-01T00:00:00Z' }, { expiresAt: '2999-01-01T00:00:00+09:00' }],
    ['grant', { reason: 'a' }, { reason: 'b' }],
    ['withdrawal', {}, { reason: 'account closed' }],
    ['adjustment', {}, { reason: 'counted twice' }],
    ['order', {}, { couponId: null }],
    ['refund', {}, { restock: true }],
    ['refund', { restock: false }, { restock: true }],
    ['refund', {}, { lines: undefined }],
    ['refund', {}, { reason: 'scratched' }],
  ])('%s: %j, then %j is refused, and moves nothing', async (kind, first, second) => {
    const shop = await shopWithOrders()
    expect((await send(shop, kind, first)).status).toBeLessThan(300)
    const balance = await shop.balance()
    const { status, body, headers } = await send(shop, kind, second)
    expect([status, body.code, body.reference]).toEqual([422, 'REFERENCE_REUSED', 'ref-1'])
    expect(headers['idempotent-replayed']).toBeUndefined()
    expect(await shop.balance()).toBe(balance)
  })

  test('is told apart by lines that sum up to the same', async () => {
    const shop = await shopWithOrders()
    const { productId } = shop
    const unit = { productId, quantity: 1 }
    expect((await send(shop, 'order', { products: [unit, unit] })).status).toBe(201)
    expect((await send(shop, 'order', { products: [{ productId, quantity: 2 }] })).status).toBe(422)
    expect((await send(shop, 'refund', { lines: [unit, unit] })).status).toBe(200)
    expect((await send(shop, 'refund', { lines: [{ productId, quantity: 2 }] })).status).toBe(422)
  })

  test('is told apart by its path', async () => {
    const shop = await shopWithOrders()
    const first = await send(shop, 'refund')
    const body = { ...kinds['refund']?.body(shop), reference: 'ref-1' }
    const second = await shop.call('POST', `/api/orders/${shop.otherOrderId}/refund`, { body })
    expect([second.status, second.body.refundId]).toEqual([422, first.body.refunds[0].refundId])
  })

  test.each<[kind: string, field: string, over: object]>([
    ['charge', 'entryId', { amount: 301 }],
    ['grant', 'entryId', { amount: 301 }],
    ['withdrawal', 'entryId', { amount: 301 }],
    ['adjustment', 'entryId', { change: 301 }],
    ['order', 'orderId', { couponId: 'none' }],
    ['refund', 'refundId', { reason: 'another' }],
  ])('%s: tells an administrator the %s, and nobody the user', async (kind, field, over) => {
    const shop = await shopWithOrders()
    const { body: first } = await send(shop, kind)
    const { body } = await send(shop, kind, over)
    const id = kind === 'refund' ? first.refunds[0].refundId : first[field]
    expect(body).toMatchObject({ code: 'REFERENCE_REUSED', [field]: id })
    expect(body).not.toHaveProperty('userId')
  })
})
