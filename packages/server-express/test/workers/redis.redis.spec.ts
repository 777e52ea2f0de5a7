import { type RedisServer, startCluster, startRedis, startSentinels } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codesOf, count } from '../redis/support/open-server.js'
import type { ServerProcess } from '../support/server-process.js'
import { serverStarter } from '../support/server-starter.js'
import { type ApiCaller, administratorOf, secret, userOf } from '../support/tokens.js'
import { metricsOf } from './support/metrics-of.js'

const starter = serverStarter()
let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const start = (environment: Record<string, string> = {}): ServerProcess =>
  starter.start({
    SHOP_JWT_SECRET: secret,
    SHOP_DEMO_DATA: 'off',
    SHOP_WORKERS: '2',
    REDIS_URL: redis.url,
    ...environment,
  })

const offer = (call: ApiCaller, couponId: string, quantity: number) =>
  call('POST', '/api/admin/coupons', {
    couponId,
    name: 'Rush',
    discount: { kind: 'fixed', amount: 1 },
    quantity,
    validUntil: '2100-01-01T00:00:00Z',
  })

/** Each user asks twice, by the body and by the path. */
const rush = async (
  call: ApiCaller,
  couponId: string,
  users: number,
  onAnswer: (answered: number) => void = () => {},
) => {
  let answered = 0
  const asks = Array.from({ length: 2 * users }, async (_, n) => {
    const userId = `${couponId}-${n % users}`
    const answer = await (n < users
      ? call('POST', '/api/coupon/issue', { userId, couponId })
      : call('POST', `/api/coupons/${couponId}/issue`, { userId }))
    answered += 1
    onAnswer(answered)
    return answer
  })
  return codesOf(await Promise.all(asks))
}

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`)
  const { checks } = (await response.json()) as { checks: { redis: { status: string } } }
  return [response.status, checks.redis.status]
}

const linesOf = (server: ServerProcess): readonly { readonly worker?: number; readonly msg: string }[] =>
  server
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

test('the gate turns away for all workers, counts each request once, and follows a changed quantity', {
  timeout: 60_000,
}, async () => {
  const url = await start().url
  const call = await administratorOf(url)
  await offer(call, 'gate', 10)
  const codes = await rush(call, 'gate', 40)
  expect([
    count(codes, 'ok'),
    count(codes, 'ok') + count(codes, 'COUPON_ALREADY_ISSUED') + count(codes, 'COUPON_SOLD_OUT'),
  ]).toEqual([10, 80])
  const late = await call('POST', '/api/coupon/issue', { userId: 'late', couponId: 'gate' })
  expect(late.body.code).toBe('COUPON_SOLD_OUT')
  const counted = async () => (await metricsOf(url))('shop_coupon_gate_total{')
  await expect.poll(counted).toBe(81)
  expect((await metricsOf(url))('shop_coupon_gate_total{verdict="sold-out"}')).toBeGreaterThan(0)

  await call('PATCH', '/api/admin/coupons/gate', { quantity: 11 })
  expect((await call('POST', '/api/coupon/issue', { userId: 'late', couponId: 'gate' })).status).toBe(200)
  expect((await call('POST', '/api/coupon/issue', { userId: 'later', couponId: 'gate' })).body.code).toBe(
    'COUPON_SOLD_OUT',
  )
})

test('without Redis the results are the same, and one process tells of it once', { timeout: 60_000 }, async () => {
  const server = start()
  const url = await server.url
  const call = await administratorOf(url)
  await offer(call, 'down', 30)
  const { status } = await call('POST', '/api/admin/products', { productId: 'cup', name: 'Cup', price: 10, stock: 5 })
  expect([status, await readiness(url)]).toEqual([201, [200, 'up']])
  let killing: Promise<unknown> | undefined
  const codes = await rush(call, 'down', 60, (answered) => {
    if (answered === 20) killing = redis.kill()
  })
  await killing
  expect([
    count(codes, 'ok'),
    count(codes, 'ok') + count(codes, 'COUPON_ALREADY_ISSUED') + count(codes, 'COUPON_SOLD_OUT'),
  ]).toEqual([30, 120])
  expect((await call('GET', '/api/admin/coupons/down')).body).toMatchObject({ issued: 30, remaining: 0 })
  await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual([200, 'degraded'])
  await call('PATCH', '/api/admin/products/cup', { price: 11 })
  expect((await call('GET', '/api/products')).body.products).toMatchObject([{ productId: 'cup', price: 11 }])

  await redis.restart()
  await expect.poll(() => readiness(url), { timeout: 20_000 }).toEqual([200, 'up'])
  const told = linesOf(server).filter(({ msg }) => msg.includes('Redis'))
  expect(told.map(({ msg, worker }) => [msg, worker])).toEqual([
    ['Redis is unavailable: the server continues without it', undefined],
    ['Redis is available again', undefined],
  ])
  expect((await call('GET', '/api/admin/audit')).body).toMatchObject({ ok: true, violations: [] })
})

test.each([
  ['a cluster', startCluster],
  ['a Sentinel group', startSentinels],
] as const)('the gate of %s serves all workers', { timeout: 90_000 }, async (name, startNodes) => {
  const nodes = await startNodes()
  try {
    const url = await start({ REDIS_URL: nodes.url }).url
    const call = await administratorOf(url)
    expect(await readiness(url)).toEqual([200, 'up'])
    const couponId = name.replaceAll(' ', '-')
    await offer(call, couponId, 10)
    expect(count(await rush(call, couponId, 30), 'ok')).toBe(10)
    await call('POST', '/api/coupon/issue', { userId: 'late', couponId })
    const turnedAway = async () => (await metricsOf(url))('shop_coupon_gate_total{verdict="sold-out"}')
    await expect.poll(turnedAway).toBeGreaterThan(0)
  } finally {
    await nodes.stop()
  }
})

test('pages are cached once for all workers, and a change by an administrator shows at once', async () => {
  const url = await start().url
  const call = await administratorOf(url)
  await call('POST', '/api/admin/products', { productId: 'page', name: 'Page', price: 1, stock: 5 })
  const page = async () => {
    const response = await fetch(`${url}/api/products?keyword=Page`, { headers: { connection: 'close' } })
    return ((await response.json()) as { products: { price: number }[] }).products.map(({ price }) => price)
  }
  for (let price = 2; price < 12; price += 1) {
    expect((await call('PATCH', '/api/admin/products/page', { price })).status).toBe(200)
    const shown = await Promise.all([page(), page(), page(), page()])
    expect(shown).toEqual([[price], [price], [price], [price]])
  }
  await expect.poll(async () => (await metricsOf(url))('shop_product_pages_total{finding="hit"}')).toBeGreaterThan(0)
})

test('a rate limit in Redis counts the workers of one server and another server together', async () => {
  const limited = { SHOP_RATE_LIMIT: '10' }
  const servers = [start(limited), start({ ...limited, SHOP_WORKERS: '1' })]
  const callers = await Promise.all(servers.map(async ({ url }) => userOf(await url, 'mina')))
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      (callers[n % 2] as ApiCaller)('POST', '/api/balance/charge', { userId: 'mina', amount: 10_000 }),
    ),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(14)
})

test('locks of users hold over all workers, on several nodes', { timeout: 60_000 }, async () => {
  const others = await Promise.all([startRedis(), startRedis()])
  try {
    const urls = [redis, ...others].map(({ url }) => url).join(',')
    const url = await start({ REDIS_URL: urls, SHOP_USER_LOCKS: 'on' }).url
    const call = await administratorOf(url)
    const charge = () => call('POST', '/api/balance/charge', { userId: 'locked', amount: 10_000 })
    const answers = await Promise.all(Array.from({ length: 20 }, charge))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect((await call('GET', '/api/balance/locked')).body.balance).toBe(200_000)
    await expect.poll(async () => (await metricsOf(url))('shop_user_locks_total{')).toBeGreaterThan(0)
  } finally {
    await Promise.all(others.map((each) => each.stop()))
  }
})
