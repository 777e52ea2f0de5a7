import { describe, expect, test } from 'vitest'
import type { CallOptions } from '../support/client.js'
import { shopWithOrders } from '../support/referenced.js'

const served = async () => {
  const shop = await shopWithOrders()
  const refund = (body?: unknown, options: CallOptions = {}) =>
    shop.call('POST', `/api/orders/${shop.orderId}/refund`, { ...options, ...(body !== undefined && { body }) })
  const units = (quantity: number) => ({ lines: [{ productId: shop.productId, quantity }] })
  return { ...shop, refund, units }
}

describe('a refund', () => {
  test.each([[undefined], [{}]])('with the body %j takes back all that is left', async (body) => {
    const { refund, balance } = await served()
    const { status, body: order } = await refund(body)
    expect([status, order.status, order.refundedAmount, order.lines[0].refundedQuantity]).toEqual([
      200,
      'refunded',
      2_000,
      2,
    ])
    expect(await balance()).toBe(8_000)
  })

  test('with and without an empty body is the same request of a key', async () => {
    const { refund } = await served()
    const headers = { 'idempotency-key': 'one' }
    const first = await refund(undefined, { headers })
    const again = await refund({}, { headers })
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([200, 'true', first.body])
    expect((await refund({ restock: true }, { headers })).status).toBe(422)
  })

  test('of a part is told with the order', async () => {
    const { refund, units, productId, orderId, userId, call } = await served()
    const { body } = await refund({ ...units(1), restock: false, reason: '흠집', reference: 'r-1' })
    const lines = [{ productId, quantity: 1, amount: 1_000 }]
    expect(body).toMatchObject({
      status: 'paid',
      refundedAmount: 1_000,
      refunds: [{ amount: 1_000, lines, restocked: false, reason: '흠집', reference: 'r-1' }],
    })
    expect((await call('GET', `/api/orders/${orderId}`, { as: userId })).body).toEqual(body)
    expect((await call('GET', `/api/products/${productId}`)).body.stock).toBe(96)
    const { body: found } = await call('GET', '/api/admin/entries?kind=refund&reference=r-1')
    expect(found.entries).toMatchObject([{ kind: 'refund', amount: 1_000, orderId, userId, reason: '흠집' }])
    const { body: outbox } = await call('GET', '/api/admin/outbox')
    expect(outbox.events[0]).toMatchObject({ type: 'order.partially-refunded', data: { refundedAmount: 1_000 } })
  })

  test.each<[what: string, body: (productId: string) => unknown, path: string]>([
    ['lines that are empty', () => ({ lines: [] }), 'lines'],
    ['lines that are null', () => ({ lines: null }), 'lines'],
    ['no list', (productId) => ({ lines: { productId, quantity: 1 } }), 'lines'],
    ['101 lines', (productId) => ({ lines: Array(101).fill({ productId, quantity: 1 }) }), 'lines'],
    ['a quantity of 0', (productId) => ({ lines: [{ productId, quantity: 0 }] }), 'lines[0].quantity'],
    ['a quantity below 0', (productId) => ({ lines: [{ productId, quantity: -1 }] }), 'lines[0].quantity'],
    ['a quantity as text', (productId) => ({ lines: [{ productId, quantity: '1' }] }), 'lines[0].quantity'],
    ['an amount', (productId) => ({ lines: [{ productId, quantity: 1, amount: 9 }] }), 'lines[0].amount'],
    ['a malformed id', () => ({ lines: [{ productId: 'a b', quantity: 1 }] }), 'lines[0].productId'],
    ['restock as text', () => ({ restock: 'no' }), 'restock'],
    ['restock null', () => ({ restock: null }), 'restock'],
    ['an empty reason', () => ({ reason: '' }), 'reason'],
    ['an amount of its own', () => ({ amount: 100 }), 'amount'],
    ['the id of the order', () => ({ orderId: 'another' }), 'orderId'],
    ['a list', () => [], ''],
  ])('with %s is malformed', async (_, body, path) => {
    const { refund, productId, balance } = await served()
    const answer = await refund(body(productId))
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST'])
    expect(answer.body.errors[0].path).toBe(path)
    expect(await balance()).toBe(6_000)
  })

  test('of more than is left names the lines in the order of the request', async () => {
    const { refund, units, productId } = await served()
    await refund(units(1))
    const { status, body } = await refund({
      lines: [
        { productId: 'foreign', quantity: 1 },
        { productId, quantity: 1 },
        { productId, quantity: 9_007_199_254_740 },
      ],
    })
    expect([status, body.lines]).toEqual([
      409,
      [
        { productId: 'foreign', requested: 1, refundable: 0 },
        { productId, requested: 9_007_199_254_741, refundable: 1 },
      ],
    ])
  })

  test.each<[string, CallOptions, number]>([
    ['nobody', { as: null }, 401],
    ['its user', { as: 'mina' }, 403],
    ['a payment provider', { as: 'provider', scope: 'shop:charge' }, 403],
  ])('may not be made by %s', async (_, options, status) => {
    const { refund, units } = await served()
    expect((await refund(units(1), options)).status).toBe(status)
  })
})
