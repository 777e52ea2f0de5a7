import { dayOf } from '@shop/core/store'
import { describe, expect, test } from 'vitest'
import { serveShop } from '../support/served-shop.js'
import { worldOf } from '../support/world.js'

const served = async () => {
  const shop = await serveShop()
  const { call, clock } = shop
  const world = worldOf(call)
  const userId = await world.user(10_000)
  const productId = await world.product({ productId: 'mug' })
  await call('POST', '/api/admin/balance/grant', { body: { userId, amount: 500 } })
  const orderId = await world.order(userId, productId, { products: [{ productId, quantity: 3 }] })
  await world.payment(userId, orderId)
  await call('POST', `/api/orders/${orderId}/refund`, { body: { lines: [{ productId, quantity: 1 }] } })
  const today = dayOf(clock.now(), shop.shop.policies.ranking.timeZone)
  const read = (headers: Record<string, string> = {}, query = `from=${today}&to=${today}`) =>
    call('GET', `/api/admin/statement?${query}`, { headers })
  return { ...shop, today, read }
}

describe('a statement', () => {
  test('adds up', async () => {
    const { read, today } = await served()
    const { status, body } = await read()
    const { movements, ...rest } = body
    expect(status).toBe(200)
    expect(rest).toEqual({
      from: today,
      to: today,
      opening: 0,
      closing: 8_500,
      products: [{ productId: 'mug', sold: 3, soldAmount: 3_000, refunded: 1, refundedAmount: 1_000 }],
    })
    expect(movements).toEqual([
      { kind: 'charge', amount: 10_000 },
      { kind: 'grant', amount: 500 },
      { kind: 'payment', amount: -3_000 },
      { kind: 'refund', amount: 1_000 },
      { kind: 'withdrawal', amount: 0 },
      { kind: 'adjustment', amount: 0 },
      { kind: 'expiry', amount: 0 },
      { kind: 'opening', amount: 0 },
    ])
  })

  test('as CSV has one row for each figure', async () => {
    const { read, today } = await served()
    const { status, headers, text } = await read({ accept: 'text/csv' })
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      `attachment; filename="statement-${today}.csv"`,
    ])
    expect(headers).toMatchObject({ vary: 'accept', 'cache-control': 'no-store' })
    const rows = [
      'from,to,figure,subject,value',
      ...[
        'opening,,0',
        'movement,charge,10000',
        'movement,grant,500',
        'movement,payment,-3000',
        'movement,refund,1000',
        'movement,withdrawal,0',
        'movement,adjustment,0',
        'movement,expiry,0',
        'movement,opening,0',
        'closing,,8500',
        'sold,mug,3',
        'soldAmount,mug,3000',
        'refunded,mug,1',
        'refundedAmount,mug,1000',
      ].map((row) => `${today},${today},${row}`),
    ]
    expect(text).toBe(rows.map((row) => `${row}\r\n`).join(''))
  })

  test('of several days names both in the file', async () => {
    const { read } = await served()
    const { headers, text } = await read({ accept: 'text/csv' }, 'from=2026-01-01&to=2026-01-31')
    expect(headers['content-disposition']).toBe('attachment; filename="statement-2026-01-01-to-2026-01-31.csv"')
    expect(text).toContain('2026-01-01,2026-01-31,closing,,0\r\n')
  })

  test.each([
    ['text/csv', 'csv'],
    ['TEXT/CSV', 'csv'],
    ['text/*', 'csv'],
    ['text/csv; charset=utf-8', 'csv'],
    ['text/csv;header=present', 'csv'],
    ['text/csv, */*', 'csv'],
    ['application/json;q=0.5, text/csv', 'csv'],
    ['text/html, application/xml;q=0.9, text/csv;q=0.8', 'csv'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/*', 'json'],
    ['text/csv;q=0.5, application/json', 'json'],
    ['text/csv;q=0', 'json'],
    ['text/csv;q=0, */*', 'json'],
    ['text/csv;header=absent', 'json'],
    ['text/html', 'json'],
    [';;,', 'json'],
  ])('with Accept: %s is %s', async (accept, kind) => {
    const { read } = await served()
    const { status, headers } = await read({ accept })
    const type = kind === 'csv' ? 'text/csv; charset=utf-8' : 'application/json'
    expect([status, headers['content-type'], headers.vary]).toEqual([200, type, 'accept'])
    expect(headers['content-disposition'] !== undefined).toBe(kind === 'csv')
  })

  test('is JSON without Accept, and HEAD has its length', async () => {
    const { read, call, today } = await served()
    expect((await read()).headers['content-type']).toBe('application/json')
    const path = `/api/admin/statement?from=${today}&to=${today}`
    const accept = { accept: 'text/csv' }
    const [head, get] = [await call('HEAD', path, { headers: accept }), await call('GET', path, { headers: accept })]
    expect([head.status, head.headers['content-length']]).toEqual([200, get.headers['content-length']])
  })

  test.each([
    '',
    'from=2026-01-01',
    'to=2026-01-01',
    'from=2026-01-02&to=2026-01-01',
    'from=2026-02-30&to=2026-03-01',
    'from=2025-02-29&to=2025-03-01',
    'from=2026-1-1&to=2026-01-02',
    'from=2026-01-01T00:00:00Z&to=2026-01-02',
    'from=yesterday&to=today',
    'from=&to=',
    'from=2026-01-01&to=2026-01-01&from=2026-01-01',
    'from=2026-01-01&to=2026-01-01&userId=x',
    'from=0001-01-01&to=2026-01-01',
    'from=-000001-01-01&to=2026-01-01',
    'from=%2B010000-01-01&to=%2B010000-01-01',
  ])('with ?%s is malformed, also as CSV', async (query) => {
    const { read } = await served()
    for (const accept of ['application/json', 'text/csv']) {
      const { status, headers, body } = await read({ accept }, query)
      expect([status, headers['content-type'], body.code]).toEqual([400, 'application/problem+json', 'INVALID_REQUEST'])
    }
  })

  test.each(['from=1970-01-01&to=9999-12-31', 'from=2026-01-01&to=9999-12-31'])(
    'with ?%s has everything',
    async (query) => {
      const { read } = await served()
      const { body } = await read({}, query)
      expect([body.opening, body.closing, body.products[0].sold]).toEqual([0, 8_500, 3])
    },
  )
})
