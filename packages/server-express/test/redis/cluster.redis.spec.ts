import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { command, type RedisCluster, startCluster, stopReplication } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { userOf } from '../support/tokens.js'
import { expectGateAndLaws, expectMoreIssued, gateKeyOf, longRush, redisReadiness } from './support/long-rush.js'
import { type OpenServer, openServer } from './support/open-server.js'

let database: FreshDatabase
let cluster: RedisCluster
let servers: OpenServer[]

const open = (options: object = {}): Promise<OpenServer> =>
  openServer({
    databaseUrl: database.url,
    databasePool: 4,
    scheduler: false,
    redis: { urls: [cluster.url] },
    ...options,
  })

beforeAll(async () => {
  ;[database, cluster] = await Promise.all([freshDatabase(), startCluster()])
  servers = [await open(), await open()]
}, 60_000)

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await Promise.all([database.drop(), cluster.stop()])
}, 60_000)

const patient = { timeout: 20_000, interval: 50 }

test('a rush while the slot of its gate moves issues exactly the quantity', async () => {
  const couponId = 'moved'
  const key = await gateKeyOf(database, couponId)
  const before = (await cluster.masterOf(key)).port
  await longRush(database, servers, {
    couponId,
    quantity: 45,
    async strike() {
      const move = await cluster.beginMove(key)
      await move.moveKeys()
      await move.finish()
    },
  })
  expect((await cluster.masterOf(key)).port).not.toBe(before)
  await expectGateAndLaws(servers, couponId)
}, 60_000)

test('a rush while the master of its gate dies, with writes that it had acknowledged, issues exactly the quantity', async () => {
  const [couponId, quantity] = ['failed-over', 100]
  const key = await gateKeyOf(database, couponId)
  const mark = await gateKeyOf(database, couponId, 'mark')
  const master = await cluster.masterOf(key)
  const seen: unknown[] = []
  await longRush(database, servers, {
    couponId,
    quantity,
    async strike() {
      await stopReplication(master, [await cluster.replicaOf(master)])
      expect(await command(master.port, 'SET', mark, 'acknowledged')).toBe('OK')
      await expectMoreIssued(master, await gateKeyOf(database, couponId, 'issued'), quantity)
      await master.kill()
      await expect
        .poll(async () => {
          const [first] = servers
          if (first) seen.push((await redisReadiness(first)).redis.detail)
          return (await cluster.masterOf(key)).port
        }, patient)
        .not.toBe(master.port)
    },
  })
  expect(await command((await cluster.masterOf(key)).port, 'EXISTS', mark)).toBe('0')
  expect(seen).toEqual(expect.arrayContaining([expect.stringMatching(/a master is missing|cluster is down|no answer/)]))
  await expectGateAndLaws(servers, couponId)
  for (const server of servers) {
    await expect.poll(() => redisReadiness(server), patient).toEqual({ status: 200, redis: { status: 'up' } })
    expect(await server.metric('shop_redis_up', 'node="0"')).toBe(1)
    expect(server.logged('error')).toEqual([])
  }
  await master.restart()
}, 60_000)

test('every user gets a coupon if there are enough', async () => {
  const couponId = 'enough'
  const key = await gateKeyOf(database, couponId)
  const { users } = await longRush(database, servers, {
    couponId,
    quantity: 10_000,
    async strike() {
      const move = await cluster.beginMove(key)
      await move.finish()
    },
  })
  expect(users).toBeLessThan(10_000)
}, 60_000)

test('servers share the counts of rate limits, whichever master has them', async () => {
  const limited = [await open({ rateLimit: 4 }), await open({ rateLimit: 4 })]
  try {
    for (const userId of ['ann', 'bob', 'cat', 'dan']) {
      const calls = await Promise.all(limited.map(({ url }) => userOf(url, userId)))
      const statuses: number[] = []
      for (let count = 0; count < 3; count += 1) {
        for (const call of calls) {
          statuses.push((await call('POST', '/api/balance/charge', { userId, amount: 10 })).status)
        }
      }
      expect(statuses).toEqual([200, 200, 200, 200, 429, 429])
    }
    for (const server of limited) {
      expect(await server.metric('shop_rate_limit_counts_total', 'where="redis"')).toBe(12)
      expect(await server.metric('shop_rate_limit_counts_total', 'where="process"')).toBeUndefined()
    }
  } finally {
    await Promise.all(limited.map((server) => server.close()))
  }
}, 60_000)

test('locks of users over a cluster are refused before anything is opened', async () => {
  const opening = open({ redis: { urls: [cluster.url], userLocks: true } })
  await expect(opening).rejects.toThrow(TypeError)
  await expect(opening).rejects.toThrow(/^createServer: redis[.]userLocks must be off .* cannot be a majority/)
})
