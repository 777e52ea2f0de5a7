import { expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'
import { type ApiCaller, administratorOf, secret, tokenOf, userOf } from '../support/tokens.js'

const starter = serverStarter()

/** What differs between two answers to the same request. */
const changing = new Set(['date', 'x-request-id', 'keep-alive'])

const shownOf = async (response: Response) => ({
  status: response.status,
  headers: Object.fromEntries([...response.headers].filter(([name]) => !changing.has(name))),
  body: (await response.text()).replace(/"requestId":"[^"]*"/, '"requestId":"…"').replace(/\?v=\d+/g, ''),
})

const json = { 'content-type': 'application/json' }

/** Requests that change nothing, of every kind of answer. */
const requests: readonly (readonly [string, RequestInit?])[] = [
  ['/api/products?size=2'],
  ['/api/products?size=2', { method: 'HEAD' }],
  ['/api/products/tea'],
  ['/api/products/none'],
  ['/api/products/none', { headers: { 'accept-language': 'ko' } }],
  ['/api/products/%zz'],
  ['/api/products?size=1000&pages=2'],
  ['/api/products/top'],
  ['/api/nothing'],
  ['/api/orders', { method: 'DELETE' }],
  ['/api/orders'],
  ['/api/balance/mina', { headers: { authorization: 'Bearer wrong' } }],
  ['/api/balance/charge', { method: 'POST', headers: json, body: '{"userId":' }],
  ['/openapi.json'],
  ['/docs'],
  ['/docs/problems'],
  ['/healthz'],
  ['/readyz'],
]

const asUser: readonly (readonly [string, string, unknown?, string?])[] = [
  ['GET', '/api/balance/mina'],
  ['GET', '/api/balance/mina/history?limit=1'],
  ['GET', '/api/balance/jun'],
  ['POST', '/api/balance/charge', { userId: 'mina', amount: -1 }],
  ['POST', '/api/balance/charge', { userId: 'mina', amount: 7_000 }, 'charge-1'],
  ['POST', '/api/balance/charge', { userId: 'mina', amount: 8_000 }, 'charge-1'],
  ['POST', '/api/orders', { userId: 'mina', products: [{ productId: 'tea', quantity: 9_999 }] }, 'too-many'],
  ['POST', '/api/orders/quote', { userId: 'mina', products: [{ productId: 'tea', quantity: 2 }] }],
  ['POST', '/api/coupon/issue', { userId: 'mina', couponId: 'none' }],
  ['GET', '/api/admin/audit'],
]

const fill = async (call: ApiCaller) => {
  await call('POST', '/api/admin/products', { productId: 'tea', name: '녹차 "Tea"', price: 1_000, stock: 100 })
  await call('POST', '/api/admin/products', { productId: 'cup', name: 'Cup', price: 3_000, stock: 5 })
  await call('POST', '/api/balance/charge', { userId: 'mina', amount: 50_000 })
}

test('with workers, every answer is the one of a single process', async () => {
  const environment = { SHOP_JWT_SECRET: secret, SHOP_DEMO_DATA: 'off' }
  const [alone, shared] = [starter.start(environment), starter.start({ ...environment, SHOP_WORKERS: '2' })]
  const [one, two] = await Promise.all([alone.url, shared.url])
  const administrator = await administratorOf(two)
  await fill(administrator)

  for (const [path, init] of requests) {
    const [expected, actual] = [await fetch(one + path, init), await fetch(two + path, init)]
    expect(await shownOf(actual), path).toEqual(await shownOf(expected))
  }
  const [atOne, atTwo] = [await userOf(one, 'mina'), await userOf(two, 'mina')]
  for (const [method, path, body, key] of asUser) {
    // Twice, so that a key replays on either side what the other one has decided.
    await atTwo(method, path, body, key)
    const [expected, actual] = [await atOne(method, path, body, key), await atTwo(method, path, body, key)]
    expect(actual.status, path).toBe(expected.status)
    const shown = ({ headers, body: answer }: typeof actual) => ({
      headers: Object.fromEntries([...headers].filter(([name]) => !changing.has(name))),
      body: { ...answer, requestId: '…', entryId: path.includes('charge') && key === undefined ? '…' : answer.entryId },
    })
    expect(shown(actual), path).toEqual(shown(expected))
  }

  const asTable = { accept: 'text/csv', authorization: `Bearer ${await tokenOf('root', 'shop:admin')}` }
  const statement = '/api/admin/statement?from=2026-01-01&to=2026-01-02'
  const [table, tableOfWorkers] = await Promise.all(
    [one, two].map(async (url) => shownOf(await fetch(url + statement, { headers: asTable }))),
  )
  expect(table?.headers['content-type']).toMatch(/^text\/csv/)
  expect(tableOfWorkers).toEqual(table)

  const { status, headers } = await administrator('POST', '/api/admin/coupons', {
    couponId: 'hot',
    name: 'Hot',
    discount: { kind: 'fixed', amount: 100 },
    validFrom: '2020-01-01T00:00:00Z',
    validUntil: '2099-01-01T00:00:00Z',
    quantity: 1,
  })
  expect([status, headers.get('location')]).toEqual([201, '/api/admin/coupons/hot'])
})
