import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import { type NetworkProxy, startProxy } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../crash/client.js'
import { openPlatform, type Platform, platformSecret } from '../support/platform.js'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, administratorOf, secret } from '../support/tokens.js'
import { type Acknowledged, couponId, discount, price, productIds, shopAs } from './shoppers.js'

const shoppers = 12
/** Requests acknowledged before the primary is killed, and again after the standby is promoted. */
const enough = 150
const stock = 100_000

let pair: PostgresPair
let toDatabase: NetworkProxy
let bundle: Bundle
let folder: string
let platform: Platform
let servers: ServerProcess[]
let calls: ApiCaller[]

beforeAll(async () => {
  ;[pair, bundle, folder, platform] = await Promise.all([
    startPostgresPair(),
    bundleServer(),
    mkdtemp(join(tmpdir(), 'shop-promotion-')),
    openPlatform(),
  ])
  toDatabase = await startProxy(pair.primaryUrl)
  await pair.synchronous(true)
  servers = [1, 2].map(() =>
    startProcess(bundle.main, folder, {
      DATABASE_URL: toDatabase.url,
      SHOP_JWT_SECRET: secret,
      SHOP_DATA_PLATFORM_URL: platform.url,
      SHOP_DATA_PLATFORM_SECRET: platformSecret,
      LOG_LEVEL: 'warn',
    }),
  )
  calls = await Promise.all(servers.map(async ({ url }) => administratorOf(await url)))
}, 120_000)

afterAll(async () => {
  for (const { child } of servers) child.kill('SIGTERM')
  await Promise.all(servers.map(({ ended }) => ended))
  await toDatabase.stop()
  await Promise.all([bundle.remove(), platform.close(), pair.stop(), rm(folder, { recursive: true, force: true })])
})

/** Sends the requests to both servers in turn, and records what callers see. */
const balancer = () => {
  let turn = 0
  const seen = { statuses: new Map<number, number>(), noResponse: 0, noRetryAfter: 0 }
  const call: ApiCaller = async (...request) => {
    const answer = await (calls[turn++ % calls.length] as ApiCaller)(...request).catch((error) => {
      seen.noResponse += 1
      throw error
    })
    seen.statuses.set(answer.status, (seen.statuses.get(answer.status) ?? 0) + 1)
    if (answer.status === 503 && !answer.headers.has('retry-after')) seen.noRetryAfter += 1
    return answer
  }
  const count = (...statuses: number[]) => statuses.reduce((sum, each) => sum + (seen.statuses.get(each) ?? 0), 0)
  return { call, seen, count }
}

const createShopData = async (call: ApiCaller) => {
  const products = productIds.map((productId) => ({ productId, name: productId, price, stock }))
  const coupon = {
    couponId,
    name: 'Welcome',
    discount: { kind: 'fixed', amount: discount },
    quantity: shoppers,
    validUntil: new Date(Date.now() + 3_600_000).toISOString(),
  }
  const created = await Promise.all([
    ...products.map((product) => call('POST', '/api/admin/products', product)),
    call('POST', '/api/admin/coupons', coupon),
  ])
  expect(created.map(({ status }) => status)).toEqual(created.map(() => 201))
}

/** Kills the primary while commits wait for the standby, and promotes the standby. */
const failOver = async () => {
  pair.freeze()
  const { rows } = await pair.primary.raw('select clock_timestamp()::text as now')
  // Not vacuous: the primary dies with a commit that nobody else has.
  const waiting = () =>
    pair.primary('pg_stat_activity').where('wait_event', 'SyncRep').where('query_start', '>', rows[0].now)
  await expect.poll(waiting, { timeout: 60_000 }).not.toHaveLength(0)
  await pair.failOver()
}

const until = (condition: () => boolean) => expect.poll(condition, { timeout: 60_000 }).toBe(true)

test('a standby that is promoted under load has every acknowledged effect, and takes the load', async () => {
  const { call, seen, count } = balancer()
  await createShopData(call)
  let isOver = false
  const clients = Array.from({ length: shoppers }, () => new Client({ call }))
  const shopping = Promise.all(clients.map((client, n) => shopAs(n, client, () => isOver)))
  shopping.catch(() => undefined)
  await until(() => count(200, 201) >= enough)
  await failOver()
  await until(() => count(503) > 0)
  const acknowledged = count(200, 201)
  toDatabase.leadTo(pair.standbyUrl)
  await until(() => count(200, 201) >= acknowledged + enough)
  isOver = true
  const told = await shopping

  expect([...seen.statuses.keys()].filter((status) => ![200, 201, 409, 503].includes(status))).toEqual([])
  expect(seen).toMatchObject({ noResponse: 0, noRetryAfter: 0 })
  for (const client of clients) await client.repeatAll()
  expect(clients.flatMap(({ violations }) => violations)).toEqual([])
  await checkShop(call, told)
  for (const url of await Promise.all(servers.map((server) => server.url))) {
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  }
}, 180_000)

const checkShop = async (call: ApiCaller, told: readonly Acknowledged[]) => {
  const orders = told.flatMap((each) => [...each.orders])
  for (const { userId, balance, hasCoupon } of told) {
    expect((await call('GET', `/api/balance/${userId}`)).body).toEqual({ userId, balance })
    const coupons = (await call('GET', `/api/coupon/users/${userId}`)).body
    expect(JSON.stringify(coupons).includes(couponId), userId).toBe(hasCoupon)
  }
  for (const [orderId, status] of orders) {
    expect((await call('GET', `/api/orders/${orderId}`)).body).toMatchObject({ orderId, status })
  }
  const sold = await Promise.all(
    productIds.map(async (productId) => stock - (await call('GET', `/api/products/${productId}`)).body.stock),
  )
  expect(sold.reduce((sum, each) => sum + each, 0)).toBe(orders.filter(([, status]) => status === 'paid').length)
  expect(await pair.standby('shop.orders').count()).toEqual([{ count: String(orders.length) }])
  expect((await call('GET', '/api/admin/audit')).body).toMatchObject({ ok: true })

  // The data platform gets every event that the promoted standby has, and it got no other before.
  const events: readonly string[] = await pair.standby('shop.events').pluck('event_id')
  // A claim that died with the primary would otherwise delay its event until its lease ends.
  await pair.standby('shop.events').update({ lease: null, leased_until: null })
  const delivered = () => new Set(platform.deliveries.map(({ event }) => event.id))
  await platform.until(() => delivered().size >= events.length)
  expect([...delivered()].sort()).toEqual([...events].sort())
}
