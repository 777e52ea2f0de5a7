import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codesOf, count, type OpenServer, openServer } from './support/open-server.js'

let database: FreshDatabase
let redis: RedisServer
let servers: OpenServer[]

beforeAll(async () => {
  ;[database, redis] = await Promise.all([freshDatabase(), startRedis()])
  const open = () =>
    openServer({
      databaseUrl: database.url,
      databasePool: 4,
      scheduler: false,
      redis: { urls: [redis.url] },
    })
  servers = [await open(), await open()]
}, 60_000)

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await Promise.all([database.drop(), redis.stop()])
})

const on = (n: number): OpenServer => servers[n % servers.length] as OpenServer

/**
 * Every user sends a request to both servers at once, one by the body and one by the path. The fault starts after some responses and ends before all
 * are done.
 */
const rush = async (
  { couponId, users, quantity }: { couponId: string; users: number; quantity: number },
  { strike, heal }: Trouble,
) => {
  const validUntil = new Date(Date.now() + 3_600_000).toISOString()
  const discount = { kind: 'fixed', amount: 1 }
  await on(0).call('POST', '/api/admin/coupons', { couponId, name: 'Rush', discount, quantity, validUntil })
  let answered = 0
  let striking: Promise<unknown> | undefined
  const asks = Array.from({ length: users * 2 }, async (_, n) => {
    const userId = `${couponId}-${n % users}`
    const { call } = on(n + Math.floor(n / users))
    const answer = await (n < users
      ? call('POST', '/api/coupon/issue', { userId, couponId })
      : call('POST', `/api/coupons/${couponId}/issue`, { userId }))
    answered += 1
    if (answered === Math.ceil(users / 8)) striking = strike()
    return answer
  })
  const codes = codesOf(await Promise.all(asks))
  await striking
  await heal?.()
  return codes
}

const exactly = async (codes: readonly string[], couponId: string, issued: number) => {
  expect(count(codes, 'ok')).toBe(issued)
  expect(count(codes, 'ok') + count(codes, 'COUPON_ALREADY_ISSUED') + count(codes, 'COUPON_SOLD_OUT')).toBe(
    codes.length,
  )
  expect((await on(1).call('GET', `/api/admin/coupons/${couponId}`)).body).toMatchObject({ issued })
  const { rows } = await database.knex.raw('select user_id from shop.issued_coupons where coupon_id = ?', [couponId])
  expect(new Set(rows.map((row: { user_id: string }) => row.user_id)).size).toBe(issued)
}

interface Trouble {
  strike(): Promise<unknown> | undefined
  heal?(): Promise<unknown> | undefined
}

const troubles = {
  'Redis runs': { strike: () => undefined },
  'Redis is killed': { strike: () => redis.kill(), heal: () => redis.restart() },
  'Redis is frozen': { strike: () => void redis.freeze(), heal: () => void redis.thaw() },
  'Redis is wiped': { strike: () => redis.flush() },
  'Redis restarts without data': { strike: () => redis.restart() },
} satisfies Record<string, Trouble>

test.each(Object.entries(troubles))(
  'a rush over two servers issues exactly the quantity: %s',
  async (name, trouble) => {
    const couponId = `few-${name.replaceAll(' ', '-')}`
    await exactly(await rush({ couponId, users: 80, quantity: 30 }, trouble), couponId, 30)
  },
  60_000,
)

test.each(['Redis is killed', 'Redis is wiped'] as const)(
  'every user gets a coupon if there are enough and %s',
  async (name) => {
    const couponId = `all-${name.replaceAll(' ', '-')}`
    await exactly(await rush({ couponId, users: 40, quantity: 50 }, troubles[name]), couponId, 40)
  },
  60_000,
)

test('afterwards the gate works again, and every law holds', async () => {
  const [userId, couponId] = ['few-Redis-is-killed-0', 'few-Redis-runs']
  const issued = 'shop_coupon_gate_total'
  const turnedAway = async () => {
    await on(0).call('POST', '/api/coupon/issue', { userId, couponId })
    return on(0).metric(issued, 'verdict="sold-out"')
  }
  const before = await turnedAway()
  await expect.poll(turnedAway, { timeout: 20_000 }).toBeGreaterThan(before ?? 0)
  expect((await on(0).call('GET', '/api/admin/audit')).body).toMatchObject({ ok: true, violations: [] })
}, 30_000)
