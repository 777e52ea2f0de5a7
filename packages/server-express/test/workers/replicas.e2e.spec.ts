import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'
import { administratorOf, secret } from '../support/tokens.js'
import { metricsOf } from './support/metrics-of.js'

const starter = serverStarter()
let pair: PostgresPair

beforeAll(async () => {
  pair = await startPostgresPair()
}, 60_000)
afterAll(() => pair.stop())

test('the engine reads lists for all workers on a replica, and leaves one out that is too old', {
  timeout: 60_000,
}, async () => {
  const server = starter.start({
    SHOP_JWT_SECRET: secret,
    SHOP_DEMO_DATA: 'off',
    SHOP_WORKERS: '2',
    DATABASE_URL: pair.primaryUrl,
    SHOP_REPLICA_URLS: pair.standbyUrl,
    SHOP_LIVE_FROM_REPLICAS: 'on',
  })
  const url = await server.url
  const call = await administratorOf(url)
  await call('POST', '/api/admin/products', { productId: 'mug', name: 'Mug', price: 10, stock: 5 })
  await pair.caughtUp()
  let asked = 0
  const stock = async () => {
    asked += 1
    const response = await fetch(`${url}/api/products`, { headers: { connection: 'close' } })
    const { products } = (await response.json()) as { products: { stock: number }[] }
    return [response.status, products[0]?.stock]
  }
  const reads = async (result: string) => (await metricsOf(url))(`shop_replica_reads_total{result="${result}"}`)
  const replicas = async () => {
    const response = await fetch(`${url}/readyz`)
    const { checks } = (await response.json()) as { checks: { replicas: { status: string } } }
    return [response.status, checks.replicas.status]
  }
  await expect.poll(async () => (await stock()) && reads('replica')).toBeGreaterThan(0)
  expect(await replicas()).toEqual([200, 'up'])
  for (let n = 0; n < 10; n += 1) await stock()
  // Each list counts once, whichever worker has answered it. A job may have read one, too.
  const further = async () => (await reads('replica')) + (await reads('primary')) - asked
  await expect.poll(further).toBeGreaterThanOrEqual(0)
  expect(await further()).toBeLessThanOrEqual(1)

  pair.freeze()
  await call('POST', '/api/admin/products/mug/stock', { change: 3 })
  await expect.poll(replicas, { timeout: 20_000 }).toEqual([200, 'degraded'])
  expect(await stock()).toEqual([200, 8])
  pair.thaw()
  await expect.poll(replicas, { timeout: 20_000 }).toEqual([200, 'up'])
  expect(await stock()).toEqual([200, 8])
  starter.stop(server)
  expect(await server.ended).toEqual({ code: 0, signal: null })
})
