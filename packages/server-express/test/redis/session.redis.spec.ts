import { freshDatabase } from '@shop/test-support/database'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deadUrl, type OpenServer, openServer } from './support/open-server.js'

type SessionRequest = readonly [method: string, path: string, body?: object]

const began = Date.UTC(2030, 0, 15, 3)
const hours = (n: number): string => new Date(began + n * 3_600_000).toISOString()

const issue = (userId: string, couponId: string): SessionRequest => ['POST', '/api/coupon/issue', { userId, couponId }]
const coupon = (couponId: string, quantity: number, more: object = {}): SessionRequest => [
  'POST',
  '/api/admin/coupons',
  { couponId, name: couponId, discount: { kind: 'fixed', amount: 500 }, quantity, validUntil: hours(2), ...more },
]
const order = (userId: string, quantity: number, more: object = {}): SessionRequest => [
  'POST',
  '/api/orders',
  { userId, products: [{ productId: 'lamp', quantity }], ...more },
]
const list: SessionRequest = ['GET', '/api/products']

/** Lists are read repeatedly: the second time, they may come from Redis. */
const session: readonly SessionRequest[] = [
  ['POST', '/api/admin/products', { productId: 'lamp', name: 'Lamp', price: 1_000, stock: 5 }],
  list,
  list,
  ['POST', '/api/admin/products', { productId: 'desk', name: 'Desk', price: 9_000, stock: 1 }],
  list,
  ['PATCH', '/api/admin/products/desk', { price: 8_000 }],
  list,
  list,
  ['GET', '/api/products?keyword=LAM&size=1'],
  ['GET', '/api/products?page=1&size=1'],
  ['POST', '/api/admin/products/lamp/stock', { change: 3 }],
  list,
  ['PATCH', '/api/admin/products/desk', { listed: false }],
  list,
  ['POST', '/api/balance/charge', { userId: 'ann', amount: 20_000 }],
  ['POST', '/api/balance/charge', { userId: 'bob', amount: 1_000 }],
  ['POST', '/api/balance/charge', { userId: 'bob', amount: -1 }],
  coupon('two', 2),
  coupon('later', 2, { validFrom: hours(1) }),
  coupon('soon-over', 1, { validUntil: hours(0.5) }),
  issue('ann', 'two'),
  issue('ann', 'two'),
  issue('bob', 'two'),
  issue('cat', 'two'),
  issue('bob', 'two'),
  ['PATCH', '/api/admin/coupons/two', { quantity: 3 }],
  issue('cat', 'two'),
  issue('dan', 'two'),
  issue('dan', 'two'),
  ['PATCH', '/api/admin/coupons/two', { quantity: 2 }],
  issue('ann', 'later'),
  issue('ann', 'nothing'),
  issue('ann', 'soon-over'),
  issue('bob', 'soon-over'),
  ['PATCH', '/api/admin/coupons/soon-over', { validUntil: hours(0.1) }],
  ['PATCH', '/api/admin/coupons/soon-over', { quantity: 0 }],
  ['GET', '/api/coupon'],
  ['GET', '/api/coupon/users/ann'],
  ['GET', '/api/admin/coupons/two'],
  order('ann', 3, { couponId: 'two' }),
  order('bob', 9),
  order('bob', 2),
  order('bob', 1, { couponId: 'two' }),
  ['GET', '/api/products/lamp'],
  ['GET', '/api/orders?userId=ann'],
  ['POST', '/api/orders/nobody/cancel', {}],
  ['POST', '/api/payments', { userId: 'bob', orderId: 'nobody' }],
  ['GET', '/api/balance/ann'],
  ['GET', '/api/balance/ann/history'],
  ['POST', '/api/admin/products/top/refresh', {}],
  ['GET', '/api/products/top'],
  ['GET', '/api/admin/audit'],
]

const followUps = (orders: readonly string[]): readonly SessionRequest[] => {
  const [first = '', second = '', third = ''] = orders
  return [
    ['POST', '/api/payments', { userId: 'ann', orderId: first }],
    ['POST', '/api/payments', { userId: 'ann', orderId: first }],
    ['POST', '/api/payments', { userId: 'bob', orderId: second }],
    ['POST', `/api/orders/${third}/cancel`, {}],
    ['POST', `/api/orders/${third}/cancel`, {}],
    ['POST', '/api/admin/products/top/refresh', {}],
    ['GET', '/api/products/top'],
    ['POST', `/api/orders/${first}/refund`, {}],
    ['POST', '/api/admin/products/top/refresh', {}],
    ['GET', '/api/products/top'],
    ['GET', '/api/products/lamp'],
    ['GET', '/api/coupon/users/ann'],
    ['GET', '/api/orders'],
    ['GET', '/api/admin/outbox'],
    ['GET', '/api/admin/audit'],
  ]
}

/** Fewer database reads generate fewer ids, so ids are numbered in order of appearance. */
const renumbered = (answers: readonly string[]): readonly string[] => {
  const numbers = new Map<string, number>()
  return answers.map((answer) =>
    answer.replaceAll(/id-\d{4}/g, (id) => {
      numbers.set(id, numbers.get(id) ?? numbers.size + 1)
      return `id ${numbers.get(id)}`
    }),
  )
}

const play = async (server: OpenServer): Promise<readonly string[]> => {
  const answers: string[] = []
  const orders: string[] = []
  const run = async ([method, path, body]: SessionRequest) => {
    const answer = await server.call(method, path, body)
    const { requestId: _, ...rest } = answer.body
    answers.push(`${method} ${path} ${JSON.stringify(body)} → ${answer.status} ${JSON.stringify(rest)}`)
    if (method === 'POST' && path === '/api/orders' && answer.status === 201) orders.push(answer.body.orderId)
  }
  for (const step of session) await run(step)
  for (const step of followUps(orders)) await run(step)
  return renumbered(answers)
}

/** Runs the session on a new database, with a fixed clock and sequential ids. */
const played = async (urls: readonly string[], userLocks = false) => {
  const database = await freshDatabase()
  let ids = 0
  const server = await openServer({
    databaseUrl: database.url,
    databasePool: 3,
    scheduler: false,
    clock: { now: () => began },
    newId() {
      ids += 1
      return `id-${String(ids).padStart(4, '0')}`
    },
    ...(urls.length > 0 && { redis: { urls, userLocks } }),
  })
  try {
    const answers = await play(server)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    return { answers, metrics, warnings: server.logged('warn') }
  } finally {
    await server.close()
    await database.drop()
  }
}

let redis: RedisServer
let expected: readonly string[]
beforeAll(async () => {
  redis = await startRedis()
  expected = (await played([])).answers
}, 60_000)
afterAll(() => redis.stop())

test('the session covers every kind of response', () => {
  expect(expected.length).toBe(session.length + 15)
  for (const code of ['COUPON_ALREADY_ISSUED', 'COUPON_SOLD_OUT', 'COUPON_NOT_YET_VALID', 'COUPON_NOT_FOUND']) {
    expect(expected.filter((answer) => answer.includes(code))).not.toEqual([])
  }
  expect(expected.filter((answer) => answer.includes('"ok":false'))).toEqual([])
})

test('every response is the same with Redis, and Redis was used', async () => {
  const { answers, metrics, warnings } = await played([redis.url])
  expect(answers).toEqual(expected)
  for (const found of ['shop_product_pages_total{finding="hit"}', 'shop_coupon_gate_total{verdict="issued"}']) {
    expect(metrics).toContain(found)
  }
  expect(metrics).toContain('shop_redis_up{node="0"} 1')
  expect(warnings).toEqual([])
}, 60_000)

test('every response is the same with user locks over three nodes', async () => {
  const nodes = await Promise.all([startRedis(), startRedis()])
  try {
    const { answers, metrics } = await played(
      [redis, ...nodes].map(({ url }) => url),
      true,
    )
    expect(answers).toEqual(expected)
    expect(metrics).toMatch(/^shop_user_locks_total\{result="held"\} \d+$/m)
  } finally {
    await Promise.all(nodes.map((node) => node.stop()))
  }
}, 60_000)

test('every response is the same if Redis was never reachable, with one warning in the log', async () => {
  const { answers, metrics, warnings } = await played([await deadUrl()], true)
  expect(answers).toEqual(expected)
  expect(metrics).toContain('shop_redis_up{node="0"} 0')
  expect(warnings).toEqual(['Redis is unavailable: the server continues without it'])
}, 60_000)

test('every response is the same if Redis is full', async () => {
  const full = await startRedis({ settings: { maxmemory: '1' } })
  try {
    expect((await played([full.url], true)).answers).toEqual(expected)
  } finally {
    await full.stop()
  }
}, 60_000)

test('every response is the same if Redis is frozen', async () => {
  const frozen = await startRedis()
  frozen.freeze()
  try {
    expect((await played([frozen.url])).answers).toEqual(expected)
  } finally {
    await frozen.stop()
  }
}, 60_000)
