import { setTimeout as pause } from 'node:timers/promises'
import type { GateSettings } from '@shop/adapter-redis'
import type { Outcome, Shop } from '@shop/core'
import { issueCoupon } from '@shop/core/commands'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type GatedServer, gatedServer } from '../support/gated-server.js'
import { type MemoryDatabase, memoryDatabase, start } from '../support/memory-database.js'

let redis: RedisServer
const servers: GatedServer[] = []

beforeAll(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
  redis.thaw()
  await redis.flush()
})
afterAll(() => redis.stop())

const open = async (database: MemoryDatabase, settings: Partial<GateSettings> = {}): Promise<GatedServer> => {
  const server = await gatedServer(database, redis.url, settings)
  servers.push(server)
  return server
}

const slowly = () => pause(2)

const opening = async (database: MemoryDatabase, quantity: number): Promise<void> => {
  await database.shop().coupons.create({
    couponId: 'opening',
    name: 'Opening',
    discount: { kind: 'fixed', amount: 1_000 },
    quantity,
    validUntil: start + 3_600_000,
  })
}

const user = (number: number) => `u-${String(number).padStart(6, '0')}`

/** Users call the servers in turn, some twice. Resolves with the number of each result. */
const rush = async (shops: readonly Pick<Shop, 'execute'>[], users: number, midway: () => unknown = () => {}) => {
  const answers: Promise<Outcome<unknown>>[] = []
  for (let number = 0; number < users; number += 1) {
    if (number === Math.floor(users / 3)) await midway()
    const shop = shops[number % shops.length] as Shop
    const input = { couponId: 'opening', userId: user(number) }
    answers.push(shop.execute(issueCoupon, input))
    if (number % 10 === 0) answers.push((shops[(number + 1) % shops.length] as Shop).execute(issueCoupon, input))
    if (number % 50 === 0) await pause(1)
  }
  const counts: Record<string, number> = {}
  for (const outcome of await Promise.all(answers)) {
    const answer = outcome.ok ? 'issued' : outcome.refusal.code
    counts[answer] = (counts[answer] ?? 0) + 1
  }
  return counts
}

const expectExactly = async (database: MemoryDatabase, count: number) => {
  const issued = await database.issuedUsers({ couponId: 'opening', limit: 1_000_000 })
  expect(issued).toHaveLength(count)
  expect(new Set(issued).size).toBe(count)
  expect(await database.shop().coupons.get({ couponId: 'opening' })).toMatchObject({ issued: count })
  expect(await database.shop().audit()).toMatchObject({ ok: true })
}

test('in a rush the database decides about as many calls as there are coupons', async () => {
  const database = memoryDatabase({ delay: slowly })
  await opening(database, 100)
  const server = await open(database)
  const before = { ...database.counts }
  const counts = await rush([server.shop], 5_000)
  expect(counts['issued']).toBe(100)
  expect(counts['COUPON_SOLD_OUT']).toBeGreaterThan(4_900)
  expect(database.counts.commands - before.commands).toBeLessThanOrEqual(130)
  expect(database.counts.reads - before.reads).toBeLessThanOrEqual(20)
  await expectExactly(database, 100)
})

test.each([
  { users: 300, quantity: 100 },
  { users: 100, quantity: 300 },
])(
  '$users users compete for $quantity coupons: exactly the smaller number is issued, with three gates and one server without',
  async ({ users, quantity }) => {
    const database = memoryDatabase({ delay: slowly })
    await opening(database, quantity)
    const gated = await Promise.all([open(database), open(database), open(database)])
    const counts = await rush([...gated.map(({ shop }) => shop), database.shop()], users)
    expect(counts['issued']).toBe(Math.min(users, quantity))
    await expectExactly(database, Math.min(users, quantity))
  },
)

test('a rush continues when Redis is wiped', async () => {
  const database = memoryDatabase({ delay: slowly })
  await opening(database, 150)
  const gated = await Promise.all([open(database), open(database)])
  const shops = gated.map(({ shop }) => shop)
  const counts = await rush(shops, 900, () => redis.flush())
  expect(counts['issued']).toBe(150)
  await expectExactly(database, 150)
  await redis.flush()
  expect(await rush(shops, 900)).toEqual({
    COUPON_ALREADY_ISSUED: expect.any(Number),
    COUPON_SOLD_OUT: expect.any(Number),
  })
  await expectExactly(database, 150)
})

test('a rush continues when Redis restarts without its data', async () => {
  const database = memoryDatabase({ delay: slowly })
  await opening(database, 150)
  const gated = await Promise.all([open(database), open(database)])
  const counts = await rush(
    gated.map(({ shop }) => shop),
    900,
    () => redis.restart(),
  )
  expect(counts['issued']).toBe(150)
  await expectExactly(database, 150)
})

test('a rush continues when Redis freezes, and when it resumes', async () => {
  const database = memoryDatabase({ delay: slowly })
  await opening(database, 150)
  const gated = await Promise.all([open(database), open(database)])
  const shops = gated.map(({ shop }) => shop)
  const counts = await rush(shops, 900, () => redis.freeze())
  expect(counts['issued']).toBe(150)
  await expectExactly(database, 150)
  expect(gated.some(({ verdicts }) => verdicts.away > 0)).toBe(true)
  redis.thaw()
  expect(await rush(shops, 300)).not.toHaveProperty('issued')
  await expectExactly(database, 150)
})

test('a rush continues when Redis is full', async () => {
  const database = memoryDatabase({ delay: slowly })
  await opening(database, 150)
  const { shop } = await open(database)
  await redis.send('CONFIG SET maxmemory 1')
  expect(await redis.send('SET more than-fits')).toMatch(/OOM/)
  const counts = await rush([shop], 600)
  await redis.send('CONFIG SET maxmemory 0')
  expect(counts['issued']).toBe(150)
  await expectExactly(database, 150)
})

test('reservations of a killed server expire', async () => {
  const database = memoryDatabase({ delay: slowly })
  await opening(database, 100)
  const killed = await open(database, { leaseMs: 400 })
  const alive = await open(database, { leaseMs: 400, waitMs: 5_000 })
  // 40 callers of the killed server have a reservation. The server dies before the database decides 20 of them, and
  // before it reports the other 20 to Redis.
  const decided: Promise<unknown>[] = []
  const dies = new Promise<never>(() => {})
  for (let number = 0; number < 40; number += 1) {
    const input = { couponId: 'opening', userId: `killed-${number}` }
    const reaches = new Promise<void>((resolve) => {
      void killed.gate.issue(input, async () => {
        if (number < 20) await database.shop().execute(issueCoupon, input)
        resolve()
        return dies
      })
    })
    decided.push(reaches)
  }
  await Promise.all(decided)
  expect(killed.verdicts.admitted).toBe(40)
  const counts = await rush([alive.shop], 400)
  expect(counts['issued']).toBe(80)
  expect(alive.verdicts['sold-out']).toBeGreaterThan(250)
  await expectExactly(database, 100)
  for (let number = 0; number < 20; number += 1) {
    const outcome = await alive.shop.execute(issueCoupon, { couponId: 'opening', userId: `killed-${number}` })
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'COUPON_ALREADY_ISSUED' } })
  }
})

test('callers wait for pending reservations at most waitMs', async () => {
  const database = memoryDatabase()
  await opening(database, 1)
  const stuck = await open(database)
  void stuck.gate.issue({ couponId: 'opening', userId: 'stuck' }, () => new Promise<never>(() => {}))
  const server = await open(database, { waitMs: 50 })
  await expect.poll(() => stuck.verdicts.admitted).toBe(1)
  expect(await server.shop.execute(issueCoupon, { couponId: 'opening', userId: 'mina' })).toMatchObject({ ok: true })
  expect(server.verdicts.undecided).toBe(1)
  expect(await server.shop.execute(issueCoupon, { couponId: 'opening', userId: 'joon' })).toMatchObject({ ok: false })
  expect(server.verdicts['sold-out']).toBe(1)
})
