import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, type ApiResponse, administratorOf, secret } from '../support/tokens.js'
import { codesOf, count } from './support/open-server.js'

interface Shop {
  readonly database: FreshDatabase
  readonly redis: RedisServer
  readonly servers: readonly ServerProcess[]
  readonly calls: readonly ApiCaller[]
}

const skewedClock = pathToFileURL(fileURLToPath(new URL('./support/skewed-clock.mjs', import.meta.url))).href

let bundle: Bundle
let folder: string
const shops: Shop[] = []

/** Starts servers on a new database and Redis, each with this clock skew in milliseconds. */
const openShop = async (skews: readonly number[], policies: object = {}): Promise<Shop> => {
  const [database, redis] = await Promise.all([freshDatabase(), startRedis()])
  const servers = skews.map((skew) =>
    startProcess(bundle.main, folder, {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      SHOP_DATABASE_POOL: '4',
      SHOP_JWT_SECRET: secret,
      SHOP_DEMO_DATA: 'off',
      SHOP_POLICIES: JSON.stringify(policies),
      LOG_LEVEL: 'warn',
      ...(skew !== 0 && { NODE_OPTIONS: `--import=${skewedClock}`, TEST_CLOCK_SKEW_MS: String(skew) }),
    }),
  )
  const shop = { database, redis, servers, calls: [] as ApiCaller[] }
  shops.push(shop)
  for (const { url } of servers) shop.calls.push(await administratorOf(await url))
  return shop
}

beforeAll(async () => {
  ;[bundle, folder] = await Promise.all([bundleServer(), mkdtemp(join(tmpdir(), 'shop-redis-servers-'))])
}, 60_000)

afterAll(async () => {
  const servers = shops.flatMap((shop) => shop.servers)
  for (const { child } of servers) child.kill('SIGTERM')
  await Promise.all(servers.map(({ ended }) => ended))
  await Promise.all(shops.flatMap(({ database, redis }) => [database.drop(), redis.stop()]))
  await Promise.all([bundle.remove(), rm(folder, { recursive: true, force: true })])
}, 60_000)

const callOf = ({ calls }: Shop, n: number): ApiCaller => calls[n % calls.length] as ApiCaller
const audited = { ok: true, violations: [] }
const patient = { timeout: 60_000, interval: 250 }

const offer = (shop: Shop, couponId: string, quantity: number, lastsMs: number) =>
  callOf(shop, 0)('POST', '/api/admin/coupons', {
    couponId,
    name: 'Rush',
    discount: { kind: 'fixed', amount: 1 },
    quantity,
    validUntil: new Date(Date.now() + lastsMs).toISOString(),
  })

describe.concurrent('processes', () => {
  test('a server killed in a rush loses no coupon', async ({ expect }) => {
    const shop = await openShop([0, 0])
    await offer(shop, 'rush', 40, 3_600_000)
    const [survivor, victim] = [callOf(shop, 0), callOf(shop, 1)]
    let answered = 0
    const ask = async (call: ApiCaller, n: number): Promise<ApiResponse | undefined> => {
      const answer = await call('POST', '/api/coupon/issue', { userId: `rusher-${n}`, couponId: 'rush' }).catch(
        () => undefined,
      )
      answered += 1
      if (answered === 15) shop.servers[1]?.child.kill('SIGKILL')
      return answer
    }
    const before = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n % 2 === 0 ? survivor : victim, n)))
    // Users without a response retry, and all others send a second request: each gets a coupon once.
    const after = await Promise.all(before.map((_, n) => ask(survivor, n)))
    const acknowledged = before.flatMap((answer, n) => (answer?.status === 200 ? [n] : []))
    for (const n of acknowledged) expect(after[n]?.body.code).toBe('COUPON_ALREADY_ISSUED')
    const codes = codesOf(after.filter((answer) => answer !== undefined))
    expect(codes.length).toBe(60)
    expect(count(codes, 'ok') + count(codes, 'COUPON_ALREADY_ISSUED')).toBe(40)
    expect((await survivor('GET', '/api/admin/coupons/rush')).body).toMatchObject({ issued: 40, remaining: 0 })
    expect((await survivor('GET', '/api/admin/audit')).body).toMatchObject(audited)
  }, 120_000)

  test('the leader of three servers is replaced after it is killed together with Redis, and each job takes effect once', async ({
    expect,
  }) => {
    const shop = await openShop([0, 0, 0], { order: { holdMinutes: 0.1 }, ranking: { schedule: '* * * * * *' } })
    const { database, redis, servers } = shop
    await database.knex.raw(`
      lock table shop.fences;
      create table terms (at timestamptz default clock_timestamp(), job text, token bigint);
      create function note_term() returns trigger language plpgsql as
        'begin insert into terms (job, token) values (new.job, new.token); return new; end';
      insert into terms (job, token) select job, token from shop.fences;
      create trigger note_term after insert or update on shop.fences for each row execute function note_term()`)
    const leaders = async () => {
      const texts = await Promise.all(
        servers.map(async ({ url }) => (await fetch(`${await url}/metrics`).catch(() => undefined))?.text() ?? ''),
      )
      return texts.flatMap((text, n) => (text.includes('\nshop_scheduler_leader 1') ? [n] : []))
    }
    await expect.poll(async () => (await leaders()).length, patient).toBe(1)
    const [leader = 0] = await leaders()
    const other = callOf(shop, leader + 1)

    await other('POST', '/api/admin/products', { productId: 'lamp', name: 'Lamp', price: 10, stock: 100 })
    const place = (userId: string) =>
      other('POST', '/api/orders', { userId, products: [{ productId: 'lamp', quantity: 1 }] })
    const placed = await Promise.all(Array.from({ length: 20 }, (_, n) => place(`early-${n}`)))
    await expect.poll(async () => (await database.knex('terms').where({ job: 'ranking' })).length, patient).toBe(1)
    servers[leader]?.child.kill('SIGKILL')
    await redis.kill()
    placed.push(...(await Promise.all(Array.from({ length: 20 }, (_, n) => place(`late-${n}`)))))
    expect(placed.map(({ status }) => status)).toEqual(placed.map(() => 201))

    const events = () => database.knex('shop.events').where({ type: 'order.expired' })
    await expect.poll(async () => (await events()).length, patient).toBe(40)
    await expect.poll(async () => (await leaders()).length, patient).toBe(1)
    expect((await leaders())[0]).not.toBe(leader)
    const tokensOf = async (job: string): Promise<readonly number[]> =>
      (await database.knex('terms').where({ job }).orderBy('at')).map(({ token }) => Number(token))
    await expect.poll(async () => (await tokensOf('ranking')).length, patient).toBe(2)
    for (const job of ['ranking', 'expiry']) {
      const tokens = await tokensOf(job)
      // One term at a time, each with a greater token.
      expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
    }
    expect(new Set((await events()).map(({ order_id }) => order_id)).size).toBe(40)
    expect((await other('GET', '/api/products/lamp')).body.stock).toBe(100)
    expect((await other('GET', '/api/admin/audit')).body).toMatchObject(audited)
  }, 120_000)

  test('two servers with clocks ten minutes apart use one time', async ({ expect }) => {
    const shop = await openShop([-300_000, 300_000], { order: { holdMinutes: 1 } })
    await offer(shop, 'brief', 10, 60_000)
    const users = Array.from({ length: 30 }, (_, n) => `user-${n}`)
    const answers = await Promise.all(
      users.map((userId, n) => callOf(shop, n)('POST', '/api/coupon/issue', { userId, couponId: 'brief' })),
    )
    const codes = codesOf(answers)
    expect([count(codes, 'ok'), count(codes, 'COUPON_SOLD_OUT')]).toEqual([10, 20])

    await callOf(shop, 0)('POST', '/api/admin/products', { productId: 'lamp', name: 'Lamp', price: 10, stock: 5 })
    await callOf(shop, 1)('POST', '/api/balance/charge', { userId: 'user-0', amount: 100 })
    for (const n of [0, 1]) {
      const body = { userId: 'user-0', products: [{ productId: 'lamp', quantity: 1 }] }
      const order = (await callOf(shop, n)('POST', '/api/orders', body)).body
      expect(Date.parse(order.expiresAt) - Date.now()).toBeLessThan(90_000)
      const payment = { userId: 'user-0', orderId: order.orderId }
      expect((await callOf(shop, n + 1)('POST', '/api/payments', payment)).status).toBe(200)
    }
    await offer(shop, 'over', 5, 1_500)
    const late = () => callOf(shop, 0)('POST', '/api/coupon/issue', { userId: 'late', couponId: 'over' })
    const claimable = async (n: number) => (await callOf(shop, n)('GET', '/api/coupon')).body.coupons.length
    await expect.poll(() => claimable(1), patient).toBe(0)
    expect((await late()).body.code).toBe('COUPON_EXPIRED')
    expect((await callOf(shop, 1)('GET', '/api/admin/audit')).body).toMatchObject(audited)
  }, 120_000)
})
