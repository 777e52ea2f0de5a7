import { describe, expect, test } from 'vitest'
import type { CallOptions } from '../support/client.js'
import { answered, isReplayed, kindNames, provider, send, shopWithOrders } from '../support/referenced.js'
import { serveShop } from '../support/served-shop.js'
import { worldOf } from '../support/world.js'

describe('what a reference of somebody else belongs to', () => {
  const other = { userId: 'other', amount: 5 }
  const reuse = async (chargeAccess: 'user' | 'administrator', options: CallOptions, over: object = {}) => {
    const shop = await shopWithOrders({ deps: { chargeAccess } })
    const { body: first } = await send(shop, 'charge')
    const { body } = await send(shop, 'charge', over, options)
    expect([body.code, body.reference]).toEqual(['REFERENCE_REUSED', 'ref-1'])
    expect(body).not.toHaveProperty('userId')
    return 'entryId' in body ? body.entryId === first.entryId : undefined
  }

  test('is not told to another user', async () => {
    expect(await reuse('user', { as: 'other' }, other)).toBeUndefined()
    expect(await reuse('user', { as: 'other', scope: 'shop:charge' }, other)).toBeUndefined()
  })

  test('is told to an administrator, and to a payment provider who may charge every user', async () => {
    expect(await reuse('user', {}, other)).toBe(true)
    expect(await reuse('administrator', provider, other)).toBe(true)
  })

  test('is told to its user', async () => {
    const shop = await shopWithOrders()
    const { body: first } = await send(shop, 'charge', {}, { as: shop.userId })
    const { body } = await send(shop, 'charge', { amount: 1 }, { as: shop.userId })
    expect(body.entryId).toBe(first.entryId)
  })

  test('is told to the payment provider for its grants in every mode', async () => {
    const shop = await shopWithOrders()
    const { body: first } = await send(shop, 'grant', {}, provider)
    expect((await send(shop, 'grant', { amount: 1 }, provider)).body.entryId).toBe(first.entryId)
  })

  test('does not matter for orders: each user has references of its own', async () => {
    const shop = await shopWithOrders()
    await send(shop, 'order')
    const theirs = await send(shop, 'order', { userId: 'other' }, { as: 'other' })
    expect([theirs.status, isReplayed(theirs)]).toEqual([201, false])
    const list = async (query: string, as?: string) => {
      const { body } = await shop.call('GET', `/api/orders?${query}`, as === undefined ? {} : { as })
      return body.orders?.map(({ userId }: { userId: string }) => userId).sort() ?? body.code
    }
    expect(await list('reference=ref-1')).toEqual(['other', shop.userId].sort())
    expect(await list('userId=other&reference=ref-1', 'other')).toEqual(['other'])
    expect(await list(`userId=${shop.userId}&reference=ref-1`, 'other')).toBe('FORBIDDEN')
    expect(await list('reference=ref-1', 'other')).toBe('INVALID_REQUEST')
    expect(await list('reference=ref-2')).toEqual([])
  })
})

describe('a reference and an idempotency key', () => {
  const keyed = (key: string) => ({ headers: { 'idempotency-key': key } })

  test('the key is looked at first', async () => {
    const shop = await shopWithOrders()
    const first = await send(shop, 'charge', { reference: undefined, amount: 1 }, keyed('k'))
    await send(shop, 'charge', { amount: 2 })
    expect((await send(shop, 'charge', { amount: 3 }, keyed('k'))).body.code).toBe('IDEMPOTENCY_KEY_REUSED')
    const again = await send(shop, 'charge', { reference: undefined, amount: 1 }, keyed('k'))
    expect(answered(again)).toEqual(answered(first))
  })

  test('the refusal of a reference is no outcome of a key', async () => {
    const shop = await shopWithOrders()
    await send(shop, 'charge')
    expect((await send(shop, 'charge', { amount: 2 }, keyed('k'))).body.code).toBe('REFERENCE_REUSED')
    const used = await send(shop, 'charge', { amount: 2, reference: 'ref-2' }, keyed('k'))
    expect([used.status, isReplayed(used)]).toEqual([200, false])
  })

  test('a reference is judged before the user is looked up', async () => {
    const shop = await serveShop({ preset: 'one-call' })
    const charge = (userId: string, reference: string) =>
      shop.call('POST', '/api/balance/charge', { body: { userId, amount: 5, reference } })
    const userId = await worldOf(shop.call).user()
    await charge(userId, 'ref-1')
    expect((await charge('stranger', 'ref-1')).body.code).toBe('REFERENCE_REUSED')
    expect((await charge('stranger', 'ref-2')).body.code).toBe('USER_NOT_FOUND')
  })
})

test('a refusal does not use a reference up', async () => {
  const shop = await shopWithOrders()
  expect((await send(shop, 'withdrawal', { amount: 90_000 })).body.code).toBe('BALANCE_INSUFFICIENT')
  expect((await send(shop, 'withdrawal')).status).toBe(200)
})

describe('a reference', () => {
  const malformed = [null, '', 'a b', '주문-1', 'two\nlines', 'x'.repeat(201), 7, ['a'], 'a\u007f']

  test.each(kindNames)('of a request that is malformed is refused: %s', async (kind) => {
    const shop = await shopWithOrders()
    for (const reference of malformed) {
      const { status, body } = await send(shop, kind, { reference })
      expect([status, body.errors[0].path]).toEqual([400, 'reference'])
    }
  })

  test('has up to 200 visible ASCII characters, and its case matters', async () => {
    const shop = await shopWithOrders()
    const first = await send(shop, 'charge', { reference: '!"#$%&~'.padEnd(200, 'x') })
    const second = await send(shop, 'charge', { reference: '!"#$%&~'.padEnd(200, 'X') })
    expect([first.status, second.status, isReplayed(second)]).toEqual([200, 200, false])
  })

  test('is found by its text, percent-encoded', async () => {
    const shop = await shopWithOrders()
    const reference = 'a+b&c=%41#"'
    const { body: charged } = await send(shop, 'charge', { reference })
    const find = (text: string) => shop.call('GET', `/api/admin/entries?kind=charge&reference=${text}`)
    const { body } = await find(encodeURIComponent(reference))
    expect(body.entries).toEqual([
      expect.objectContaining({ entryId: charged.entryId, userId: shop.userId, reference }),
    ])
    expect((await find('')).body.code).toBe('INVALID_REQUEST')
    expect((await find('a+b')).body.code).toBe('INVALID_REQUEST')
  })
})
