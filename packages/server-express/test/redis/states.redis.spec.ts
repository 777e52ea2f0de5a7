import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { userOf } from '../support/tokens.js'
import { type OpenServer, openServer } from './support/open-server.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

const start = async (): Promise<RedisServer> => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  return redis
}

const serve = async (urls: readonly string[], options: object = {}): Promise<OpenServer> => {
  const server = await openServer({
    databaseUrl: database.url,
    databasePool: 2,
    scheduler: false,
    redis: { urls, userLocks: urls.length > 1 },
    ...options,
  })
  onTestFinished(() => server.close())
  return server
}

const readiness = async ({ url }: OpenServer) => {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, body: (await response.json()) as { readonly status: string } }
}

const seconds = { timeout: 20_000 }
const warning = 'Redis is unavailable: the server continues without it'

test('a Redis failure makes the server degraded, with one log line each way', async () => {
  const redis = await start()
  const server = await serve([redis.url])
  expect(await readiness(server)).toEqual({
    status: 200,
    body: { status: 'up', checks: { database: { status: 'up' }, redis: { status: 'up' } } },
  })
  expect(server.logged('warn')).toEqual([])

  await redis.kill()
  const degraded = { status: 'degraded', detail: 'no answer' }
  await expect
    .poll(() => readiness(server), seconds)
    .toEqual({
      status: 200,
      body: { status: 'degraded', checks: { database: { status: 'up' }, redis: degraded } },
    })
  await expect
    .poll(async () => [(await readiness(server)).status, ...server.logged('warn')], seconds)
    .toEqual([200, warning])
  expect(await server.metric('shop_redis_up', 'node="0"')).toBe(0)

  await redis.restart()
  await expect.poll(async () => (await readiness(server)).body.status, seconds).toBe('up')
  await expect.poll(() => server.metric('shop_redis_up', 'node="0"'), seconds).toBe(1)
  expect(server.logged('warn')).toEqual([warning])
  expect(server.logged('info')).toContain('Redis is available again')
}, 60_000)

test.each([
  ['a replica', 'read-only replica', 'REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
  ['full', 'full', 'CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'],
  ['not to be scripted', 'no permission', 'ACL SETUSER default -@scripting', 'ACL SETUSER default +@all'],
  ['not to be written', 'no permission', 'ACL SETUSER default -@write', 'ACL SETUSER default +@all'],
  ['short of replicas', 'too few replicas', 'CONFIG SET min-replicas-to-write 1', 'CONFIG SET min-replicas-to-write 0'],
])(
  'a Redis that is %s makes the server degraded, with one log line each way and unchanged responses',
  async (...state) => {
    const [, detail, spoil, mend] = state
    const redis = await start()
    const server = await serve([redis.url])
    const use = async () => {
      expect((await server.call('GET', '/api/products')).status).toBe(200)
      expect((await server.call('POST', '/api/balance/charge', { userId: 'mina', amount: 10 })).status).toBe(200)
    }
    await use()
    expect(await redis.send(spoil)).toBe('+OK')
    // Without any readiness request.
    const told = async () => {
      await use()
      return server.logged('warn')
    }
    await expect.poll(told, seconds).toEqual([warning])
    const degraded = {
      status: 'degraded',
      checks: { database: { status: 'up' }, redis: { status: 'degraded', detail } },
    }
    await expect.poll(() => readiness(server), seconds).toEqual({ status: 200, body: degraded })
    // Longer than the circuit breaker stays open.
    for (let index = 0; index < 12; index += 1) {
      await use()
      expect(await readiness(server)).toMatchObject({ status: 200, body: { status: 'degraded' } })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(await server.metric('shop_redis_up', 'node="0"')).toBe(0)

    expect(await redis.send(mend)).toBe('+OK')
    await expect.poll(async () => (await readiness(server)).body.status, seconds).toBe('up')
    await expect.poll(() => server.metric('shop_redis_up', 'node="0"'), seconds).toBe(1)
    await use()
    expect(server.logged('warn')).toEqual([warning])
    expect(server.logged('info').filter((line) => line.startsWith('Redis'))).toEqual(['Redis is available again'])
  },
  60_000,
)

test('a Redis that cannot serve at startup is reported immediately', async () => {
  const redis = await start()
  await redis.send('REPLICAOF 127.0.0.1 1')
  const server = await serve([redis.url])
  expect(server.logged('warn')).toEqual([warning])
}, 60_000)

test('uses Redis once it becomes reachable', async () => {
  const redis = await start()
  await redis.kill()
  const server = await serve([redis.url])
  expect(server.logged('warn')).toEqual([warning])
  expect((await server.call('GET', '/api/products')).status).toBe(200)
  await redis.restart()
  const hits = async () => {
    await server.call('GET', '/api/products')
    return server.metric('shop_product_pages_total', 'finding="hit"')
  }
  await expect.poll(hits, seconds).toBeGreaterThan(0)
  expect(server.logged('info')).toContain('Redis is available again')
}, 60_000)

test('readiness counts the responding nodes if one of three fails', async () => {
  const nodes = [await start(), await start(), await start()]
  const server = await serve(nodes.map(({ url }) => url))
  expect((await readiness(server)).body).toMatchObject({ status: 'up' })
  await nodes[2]?.kill()
  const redis = { status: 'degraded', detail: '2 of 3 nodes answer' }
  await expect.poll(() => readiness(server), seconds).toMatchObject({ status: 200, body: { checks: { redis } } })
  const charge = { userId: 'one', amount: 10 }
  expect((await server.call('POST', '/api/balance/charge', charge)).status).toBe(200)
  expect(await server.metric('shop_user_locks_total', 'result="held"')).toBe(1)
}, 60_000)

test('sold stock shows in the detail immediately, and on the list pages of every server soon', async () => {
  const redis = await start()
  const [first, second] = [await serve([redis.url]), await serve([redis.url])]
  await first.call('POST', '/api/admin/products', { productId: 'lamp', name: 'Lamp', price: 10, stock: 7 })
  const shown = async () => (await second.call('GET', '/api/products?keyword=lamp')).body.products[0].stock
  expect(await shown()).toBe(7)
  await first.call('POST', '/api/orders', { userId: 'ann', products: [{ productId: 'lamp', quantity: 2 }] })
  expect((await second.call('GET', '/api/products/lamp')).body.stock).toBe(5)
  await expect.poll(shown, seconds).toBe(5)
}, 60_000)

test('servers share rate limit counts; without Redis, each counts by itself', async () => {
  const redis = await start()
  const limit = { rateLimit: 4 }
  const [first, second] = [await serve([redis.url], limit), await serve([redis.url], limit)]
  const charge = async ({ url }: OpenServer) =>
    (await (await userOf(url, 'busy'))('POST', '/api/balance/charge', { userId: 'busy', amount: 10 })).status
  const statuses = [await charge(first), await charge(second), await charge(first), await charge(second)]
  expect(statuses).toEqual([200, 200, 200, 200])
  expect([await charge(first), await charge(second)]).toEqual([429, 429])

  await redis.kill()
  for (const server of [first, second]) {
    expect([await charge(server), await charge(server), await charge(server), await charge(server)]).toEqual(statuses)
    expect(await charge(server)).toBe(429)
  }
  await redis.restart()
  await expect.poll(async () => [await charge(first), await charge(second)].includes(200), seconds).toBe(true)
}, 60_000)

test('a server closes in time if Redis is frozen', async () => {
  const redis = await start()
  const server = await serve([redis.url])
  redis.freeze()
  const began = performance.now()
  await server.close()
  expect(performance.now() - began).toBeLessThan(5_000)
}, 60_000)
