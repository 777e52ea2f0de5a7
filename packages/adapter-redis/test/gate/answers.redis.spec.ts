import type { GateSettings } from '@shop/adapter-redis'
import { resolvePolicies, type Shop } from '@shop/core'
import { issueCoupon, updateCoupon } from '@shop/core/commands'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import fc from 'fast-check'
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

const open = async (database: MemoryDatabase, settings: Partial<GateSettings> = {}) => {
  const server = await gatedServer(database, redis.url, settings)
  servers.push(server)
  return server
}

const couponId = 'opening'
const terms = { couponId, name: 'Opening', discount: { kind: 'fixed', amount: 1_000 } as const }
const soldOut = { ok: false, refusal: { code: 'COUPON_SOLD_OUT', couponId }, replayed: false }
const alreadyIssued = { ok: false, refusal: { code: 'COUPON_ALREADY_ISSUED', couponId }, replayed: false }

const soldOutCoupon = async (settings: Partial<GateSettings> = {}) => {
  const database = memoryDatabase()
  await database.shop().coupons.create({ ...terms, quantity: 1, validUntil: start + 60_000 })
  const server = await open(database, settings)
  await server.shop.coupons.issue({ couponId, userId: 'mina' })
  await server.gate.settled()
  return { database, ...server }
}

const issue = (shop: Pick<Shop, 'execute'>, userId: string) => shop.execute(issueCoupon, { couponId, userId })

test('a refusal at the gate equals the refusal of the database', async () => {
  const { shop, verdicts, database } = await soldOutCoupon()
  const before = database.counts.transacted
  expect(await issue(shop, 'mina')).toEqual(alreadyIssued)
  expect(await issue(shop, 'joon')).toEqual(soldOut)
  await expect(shop.coupons.issue({ couponId, userId: 'joon' })).rejects.toMatchObject({
    code: 'COUPON_SOLD_OUT',
    refusal: { couponId },
    replayed: false,
  })
  expect(database.counts.transacted).toBe(before)
  expect(verdicts).toMatchObject({ issued: 1, 'sold-out': 2, admitted: 1 })
})

test('the database decides calls with an idempotency key, and the gate learns the result', async () => {
  const { shop, verdicts } = await soldOutCoupon()
  const call = () =>
    shop.execute(issueCoupon, { couponId, userId: 'joon' }, { idempotency: { scope: 'joon', key: 'once' } })
  expect(await call()).toEqual(soldOut)
  await shop.coupons.update({ couponId, quantity: 2 })
  expect(await call()).toEqual({ ...soldOut, replayed: true })
  expect(verdicts.keyed).toBe(2)
})

test('every server sees a raised quantity at once', async () => {
  const { database, shop, verdicts } = await soldOutCoupon()
  const other = await open(database)
  expect(await issue(other.shop, 'joon')).toEqual(soldOut)
  expect(other.verdicts['sold-out']).toBe(1)
  await shop.coupons.update({ couponId, quantity: 2 })
  expect(await issue(other.shop, 'joon')).toMatchObject({ ok: true })
  expect(await issue(shop, 'sora')).toEqual(soldOut)
  expect(verdicts['sold-out'] + verdicts.undecided).toBe(1)
})

test('a coupon whose end was moved forward is refused as expired, not as sold out', async () => {
  const { database, shop } = await soldOutCoupon()
  const other = await open(database)
  expect(await issue(other.shop, 'joon')).toEqual(soldOut)
  await shop.execute(updateCoupon, { couponId, validUntil: start + 10 })
  database.clock.move(10)
  expect(await issue(other.shop, 'joon')).toMatchObject({ ok: false, refusal: { code: 'COUPON_EXPIRED' } })
})

test('if Redis cannot be told of a change, the call returns only after the old terms have expired', async () => {
  const { database } = await soldOutCoupon({ termsMs: 400 })
  const other = await open(database, { termsMs: 400 })
  const cut = await open(database, { termsMs: 400 })
  expect(await issue(other.shop, 'joon')).toEqual(soldOut)
  cut.redis.disconnect()
  await cut.shop.coupons.update({ couponId, quantity: 2 })
  expect(await issue(other.shop, 'joon')).toMatchObject({ ok: true })
})

test('terms that were read before a change are not stored after it', async () => {
  const { database, shop } = await soldOutCoupon()
  let letRead = () => {}
  const held = new Promise<void>((resolve) => {
    letRead = resolve
  })
  let began = () => {}
  const reading = new Promise<void>((resolve) => {
    began = resolve
  })
  const slow: MemoryDatabase = {
    ...database,
    store: {
      ...database.store,
      reads: {
        ...database.store.reads,
        async coupon(id) {
          const coupon = await database.store.reads.coupon(id)
          began()
          await held
          return coupon
        },
      },
    },
  }
  await redis.flush()
  const slowServer = await open(slow)
  const first = issue(slowServer.shop, 'joon')
  await reading
  await shop.coupons.update({ couponId, quantity: 2 })
  letRead()
  expect(await first).toMatchObject({ ok: true })
})

test('another database with the same coupon has a gate of its own', async () => {
  await soldOutCoupon()
  const foreign = memoryDatabase()
  await foreign.shop().coupons.create({ ...terms, quantity: 1, validUntil: start + 60_000 })
  const server = await open(foreign)
  expect(await issue(server.shop, 'mina')).toMatchObject({ ok: true })
  expect(server.verdicts.admitted).toBe(1)
})

test('after a restore the gate follows the database, even if its id stayed the same', async () => {
  const { database, shop, gate } = await soldOutCoupon()
  const restored = memoryDatabase()
  await restored.shop().coupons.create({ ...terms, quantity: 2, validUntil: start + 60_000 })
  await restored.shop().coupons.issue({ couponId, userId: 'sora' })
  // Redis knows two users. The backup lacks one of them.
  await shop.coupons.update({ couponId, quantity: 2 })
  expect(await issue(shop, 'joon')).toMatchObject({ ok: true })
  await gate.settled()
  restored.id = database.id
  const server = await open(restored, { termsMs: 50 })
  await expect.poll(() => issue(server.shop, 'mina')).toMatchObject({ ok: true })
  expect(server.troubles).toContainEqual(expect.objectContaining({ message: expect.stringContaining('Redis knew 2') }))
})

test('an unknown user is refused as unknown, also if the coupon is sold out', async () => {
  const database = memoryDatabase({ policies: resolvePolicies('one-call') })
  const plain = database.shop()
  for (const userId of ['mina', 'joon']) await plain.users.register({ userId })
  await plain.coupons.create({ ...terms, quantity: 1, validUntil: start + 60_000 })
  const { shop, gate, verdicts } = await open(database)
  await issue(shop, 'mina')
  await gate.settled()
  expect(await issue(shop, 'joon')).toEqual(soldOut)
  expect(await issue(shop, 'nobody')).toMatchObject({ ok: false, refusal: { code: 'USER_NOT_FOUND' } })
  expect(verdicts).toMatchObject({ 'sold-out': 1, undecided: 1 })
  await plain.users.register({ userId: 'nobody' })
  expect(await issue(shop, 'nobody')).toEqual(soldOut)
})

const users = ['a', 'b', 'c', 'd', 'nobody'] as const
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('issue' as const), userId: fc.constantFrom(...users) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      quantity: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      validUntil: fc.option(fc.integer({ min: start, max: start + 100 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), ms: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wipe' as const) }) },
)

test('random histories: results with a gate equal results without one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('standard' as const, 'one-call' as const),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 40 }),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (preset, quantity, opensIn, steps) => {
        const policies = resolvePolicies(preset)
        const [database, twin] = [memoryDatabase({ policies }), memoryDatabase({ policies })]
        const plain = twin.shop()
        const gated = await Promise.all([gatedServer(database, redis.url), gatedServer(database, redis.url)])
        for (const shop of [database.shop(), plain]) {
          for (const userId of ['a', 'b', 'c', 'd']) await shop.users.register({ userId })
          await shop.coupons.create({ ...terms, quantity, validFrom: start + opensIn, validUntil: start + 80 })
        }
        try {
          for (const [index, each] of steps.entries()) {
            const { shop, gate } = gated[index % 2] as GatedServer
            if (each.do === 'issue') {
              expect(await issue(shop, each.userId)).toEqual(await issue(plain, each.userId))
              if (index % 3 === 0) await gate.settled()
            } else if (each.do === 'update') {
              const { quantity, validUntil } = each
              const input = { couponId, quantity, validUntil }
              expect(await shop.execute(updateCoupon, input)).toEqual(await plain.execute(updateCoupon, input))
            } else if (each.do === 'move') {
              database.clock.move(each.ms)
              twin.clock.move(each.ms)
            } else await redis.flush()
          }
          expect((await database.issuedUsers({ couponId, limit: 10 })).length).toBe(
            (await twin.issuedUsers({ couponId, limit: 10 })).length,
          )
        } finally {
          await Promise.all(gated.map((server) => server.close()))
        }
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
