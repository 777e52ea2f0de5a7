import { connectRedis, couponGate, popularProducts, productCache } from '@shop/adapter-redis'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { memoryDatabase, start } from './support/memory-database.js'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** So long that nothing asks for the id by itself. */
const databaseMs = 3_600_000

test('gate, cache and ranking use new keys at once when the database is forgotten, and only then', async () => {
  const connection = connectRedis(redis.url, { name: 'forget' })
  onTestFinished(() => connection.close())
  await connection.ready(5_000)
  const database = memoryDatabase()
  const access = { redis: connection.redis, guard: connection.guard, database: () => database.database() }
  const gate = couponGate({
    ...access,
    reads: database.store.reads,
    issuedUsers: (query) => database.issuedUsers(query),
    settings: { databaseMs },
  })
  const cache = productCache({ ...access, databaseMs })
  const ranking = popularProducts({
    ...access,
    policies: database.policies,
    dailySums: (day, zone) => database.dailySums(day, zone),
    rankables: (ids) => database.rankables(ids),
    databaseMs,
    answerMs: databaseMs,
  })
  await database.shop().coupons.create({
    couponId: 'opening',
    name: 'Opening',
    discount: { kind: 'fixed', amount: 1 },
    quantity: 1,
    validUntil: start + 60_000,
  })
  const use = async () => {
    await redis.flush()
    await gate.reconcile('opening')
    await cache.forget()
    await cache.products(database.store.reads)({ offset: 0, limit: 1 })
    await ranking.forget(['2026-05-04'])
    await ranking.top()
  }
  const keysWith = async (id: string) => (await connection.redis.keys(`*${id}*`)).length

  const old = database.id
  await use()
  expect(await keysWith(old)).toBeGreaterThan(2)
  database.id = 'restored'
  await use()
  expect(await keysWith('restored')).toBe(0)
  for (const each of [gate, cache, ranking]) each.forgetDatabase()
  await use()
  expect(await keysWith('restored')).toBeGreaterThan(2)
  expect(await keysWith(old)).toBe(0)
  await gate.settled()
})
