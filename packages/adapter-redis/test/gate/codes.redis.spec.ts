import type { IssueCoupon, Shop } from '@shop/core'
import { issueCoupon } from '@shop/core/commands'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type GatedServer, gatedServer } from '../support/gated-server.js'
import { memoryDatabase, start } from '../support/memory-database.js'

let redis: RedisServer
const servers: GatedServer[] = []

beforeAll(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
  await redis.flush()
})
afterAll(() => redis.stop())

const couponId = 'secret'

/** A server, and a coupon of one unit that is sold out. */
const soldOut = async (code: string | undefined) => {
  const database = memoryDatabase()
  const terms = { name: 'Secret', discount: { kind: 'fixed', amount: 1_000 } as const, quantity: 1 }
  await database.shop().coupons.create({ ...terms, couponId, code, validUntil: start + 60_000 })
  const server = await gatedServer(database, redis.url)
  servers.push(server)
  await issue(server.shop, { userId: 'mina', ...(code === undefined ? { couponId } : { code }) })
  await server.gate.settled()
  return { database, ...server }
}

const issue = (shop: Pick<Shop, 'execute'>, input: IssueCoupon) => shop.execute(issueCoupon, input)

const refused = (code: string) => ({ ok: false, refusal: { code, couponId }, replayed: false })

test('the gate learns the coupon of a code, and then refuses as the database does', async () => {
  const { shop, verdicts, database, gate } = await soldOut('Drop-12')
  expect(verdicts.undecided).toBe(1)
  // Redis learns of the user who has it.
  await gate.reconcile(couponId)
  const before = database.counts.transacted
  expect(await issue(shop, { userId: 'mina', code: 'DROP-12' })).toEqual(refused('COUPON_ALREADY_ISSUED'))
  expect(await issue(shop, { userId: 'joon', code: 'drop-12' })).toEqual(refused('COUPON_SOLD_OUT'))
  expect(database.counts.transacted).toBe(before)
  expect(verdicts).toMatchObject({ issued: 1, 'sold-out': 1 })
  await shop.coupons.update({ couponId, quantity: 2 })
  expect(await issue(shop, { userId: 'joon', code: 'drop-12' })).toMatchObject({ ok: true, result: { couponId } })
})

test('an unknown code is refused by the database each time, and is found once its coupon exists', async () => {
  const { shop, database } = await soldOut(undefined)
  const unknown = { ok: false, refusal: { code: 'COUPON_NOT_FOUND', couponCode: 'later' }, replayed: false }
  for (let time = 0; time < 2; time += 1) expect(await issue(shop, { userId: 'joon', code: 'later' })).toEqual(unknown)
  const terms = { name: 'Later', discount: { kind: 'fixed', amount: 1 } as const, quantity: 1, code: 'Later' }
  await database.shop().coupons.create({ ...terms, couponId: 'later', validUntil: start + 60_000 })
  expect(await issue(shop, { userId: 'joon', code: 'later' })).toMatchObject({ ok: true })
})

test('callers who need the code do not find the coupon by its id, and never get sold out', async () => {
  const { shop, gate, database } = await soldOut('Drop-12')
  await gate.reconcile(couponId)
  for (const userId of ['joon', 'mina', 'joon']) {
    expect(await issue(shop, { userId, couponId, requiresCode: true })).toEqual(refused('COUPON_NOT_FOUND'))
  }
  const before = database.counts.transacted
  expect(await issue(shop, { userId: 'joon', couponId })).toEqual(refused('COUPON_SOLD_OUT'))
  expect(database.counts.transacted).toBe(before)
})

test('the gate refuses a coupon without a code to callers who need codes as well, after one read', async () => {
  const { shop, database } = await soldOut(undefined)
  const ask = (userId: string) => issue(shop, { userId, couponId, requiresCode: true })
  expect(await ask('joon')).toEqual(refused('COUPON_SOLD_OUT'))
  const before = { ...database.counts }
  expect(await ask('joon')).toEqual(refused('COUPON_SOLD_OUT'))
  expect(await ask('mina')).toEqual(refused('COUPON_ALREADY_ISSUED'))
  expect(database.counts.transacted).toBe(before.transacted)
})

test('while the database cannot tell its id, the call goes to the database', async () => {
  const { shop, database } = await soldOut('Drop-12')
  const { id } = database
  Object.defineProperty(database, 'id', {
    get: () => {
      throw new Error('away')
    },
  })
  expect(await issue(shop, { userId: 'joon', code: 'drop-12' })).toEqual(refused('COUPON_SOLD_OUT'))
  expect(await issue(shop, { userId: 'joon', couponId, requiresCode: true })).toEqual(refused('COUPON_NOT_FOUND'))
  Object.defineProperty(database, 'id', { value: id, writable: true })
})
