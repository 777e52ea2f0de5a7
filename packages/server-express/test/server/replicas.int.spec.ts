import { knexConnection, migrate } from '@shop/adapter-knex'
import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import { startProxy } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createServer, type ReplicaReads } from '../../src/index.js'
import { openServer } from '../redis/support/open-server.js'

let pair: PostgresPair

beforeAll(async () => {
  pair = await startPostgresPair()
  await migrate(pair.primary)
}, 60_000)
afterAll(() => pair.stop())

const serve = async (url: string, more: ReplicaReads = {}) => {
  const opened = await openServer({
    databaseUrl: pair.primaryUrl,
    migrate: false,
    scheduler: false,
    replicas: { urls: [url], maxLagMs: 5_000, ...more },
  })
  onTestFinished(opened.close)
  const readiness = async () => {
    const { checks } = (await (await fetch(`${opened.url}/readyz`)).json()) as { checks: Record<string, unknown> }
    return checks['replicas']
  }
  const readsOf = async (result: string) => (await opened.metric('shop_replica_reads_total', `result="${result}"`)) ?? 0
  let asked = 0
  const get = async (path: string) => {
    asked += 1
    return (await fetch(`${opened.url}/api/${path}`)).status
  }
  const list = () => get('products')
  /** How many of the lists a replica has answered. The page of metrics is up to a second old. */
  const fromReplica = async () => {
    let replica = 0
    const counted = async () => {
      replica = await readsOf('replica')
      return replica + (await readsOf('primary'))
    }
    await expect.poll(counted).toBe(asked)
    return replica
  }
  const inUse = (isUsed: number) =>
    expect
      .poll(async () => (await list()) && opened.metric('shop_replica_used', 'replica="0"'), { timeout: 10_000 })
      .toBe(isUsed)
  return { ...opened, readiness, readsOf, get, list, fromReplica, inUse, asked: () => asked }
}

test('public lists go to a replica, and the server says when one is left out and when it is back', async () => {
  const proxy = await startProxy(pair.standbyUrl)
  const server = await serve(proxy.url)
  expect(await server.readiness()).toEqual({ status: 'up' })
  await server.inUse(1)
  const before = await server.fromReplica()
  for (const path of ['products', 'products/top', 'drops', 'coupon']) expect(await server.get(path), path).toBe(200)
  expect(await server.fromReplica()).toBe(before + 4)
  expect(await server.metric('shop_replica_lag_seconds', 'replica="0"')).toBeLessThanOrEqual(5)

  proxy.cut()
  proxy.leadTo('postgres://127.0.0.1:1')
  await server.inUse(0)
  expect(await server.list()).toBe(200)
  expect(await server.readiness()).toEqual({ status: 'degraded', detail: '1 of 1 left out' })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  proxy.leadTo(pair.standbyUrl)
  await server.inUse(1)
  expect(server.logged('warn').filter((line) => line.includes('replica'))).toHaveLength(1)
  expect(server.logged('info').filter((line) => line.includes('takes reads again'))).toHaveLength(1)
  expect(await server.readiness()).toEqual({ status: 'up' })
  await proxy.stop()
})

test.each([{ live: false }, { live: true }])(
  'live streams read where they are asked to (live $live)',
  async ({ live }) => {
    const server = await serve(pair.standbyUrl, { live })
    const productId = `live-${live}`
    await server.call('POST', '/api/admin/products', { productId, name: 'L', price: 1, stock: 1 })
    await server.inUse(1)
    const watching = new AbortController()
    const watch = () => fetch(`${server.url}/api/products/${productId}/live`, { signal: watching.signal })
    // The product is new: a replica may not have it for a moment.
    let stream = await watch()
    while (stream.status === 404) stream = await watch()
    await server.call('POST', `/api/admin/products/${productId}/stock`, { change: 41 })
    const reader = stream.body?.getReader()
    for (let text = ''; !text.includes('42'); ) text += Buffer.from((await reader?.read())?.value ?? []).toString()
    // Reads of streams count only if they may go to a replica.
    if (live) await expect.poll(() => server.readsOf('replica')).toBeGreaterThan(server.asked())
    else expect(await server.fromReplica()).toBeLessThanOrEqual(server.asked())
    watching.abort()
  },
)

test('the server starts without its replicas, and with those of a host', async () => {
  const dead = 'postgres://user:secret-of-replica@127.0.0.1:1/shop'
  const server = await serve(dead)
  expect(await server.list()).toBe(200)
  await server.inUse(0)
  expect(JSON.stringify([server.logged('warn'), server.logged('info')])).not.toContain('secret-of-replica')

  const [primary, replica] = [knexConnection(pair.primaryUrl), knexConnection(pair.standbyUrl)]
  const own = await createServer({ auth: 'off', scheduler: false, knex: primary, replicas: { knex: [replica] } })
  await own.shop.products.list()
  await own.close()
  expect((await replica.raw('select pg_is_in_recovery() as so')).rows).toEqual([{ so: true }])
  await Promise.all([primary.destroy(), replica.destroy()])
})

test.each([
  { replicas: { urls: [] }, message: 'replicas must have urls or knex' },
  { replicas: { urls: ['postgres://h/d'], maxLagMs: 1 }, message: 'replicas.maxLagMs must be an integer' },
  { replicas: { urls: ['postgres://h/d'], live: 1 }, message: 'replicas.live must be true or false' },
])('$message', async ({ replicas, message }) => {
  await expect(createServer({ auth: 'off', databaseUrl: pair.primaryUrl, replicas } as never)).rejects.toThrow(message)
})
