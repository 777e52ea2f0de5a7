import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { startWireProxy, type WireProxy } from '@shop/test-support/wire-proxy'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createServer, type ShopServer } from '../../../src/index.js'
import { type Watcher, watchProduct } from '../support/watch.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

let proxy: WireProxy
const servers: ShopServer[] = []
beforeEach(async () => {
  proxy = await startWireProxy(database.url)
})
afterEach(async () => {
  proxy.fate = () => 'forward'
  await Promise.all(servers.splice(0).map((server) => server.close({ graceMs: 500 })))
  await proxy.stop()
})

/** A server that runs no jobs, so that all its reads of products are of the test. */
const start = async (databaseUrl: string, liveConnections = 2_000) => {
  const server = await createServer({ databaseUrl, auth: 'off', scheduler: false, liveConnections })
  servers.push(server)
  const { port } = await server.listen(0)
  return { server, shop: server.shop, port, watch: (productId: string) => watchProduct(port, productId) }
}

let made = 0
const productIn = async ({ shop }: Pick<ShopServer, 'shop'>, stock = 5): Promise<string> => {
  made += 1
  const { productId } = await shop.products.create({ productId: `live-${made}`, name: 'Mug', price: 10, stock })
  return productId
}

const last = (watcher: Watcher) => watcher.events().at(-1)?.data

/** Counts the reads of live products that pass the proxy. */
const countReads = () => {
  const counted = { reads: 0 }
  proxy.watch = ({ moment, sql }) => {
    if (moment === 'before forward' && sql.includes('p.product_id = any(')) counted.reads += 1
    return undefined
  }
  return counted
}

test('a change on one server reaches the watchers of the other', async () => {
  const [one, two] = [await start(database.url), await start(database.url)]
  const productId = await productIn(one)
  const watchers = await Promise.all([one.watch(productId), two.watch(productId)])
  for (const watcher of watchers) await expect.poll(() => last(watcher)?.stock).toBe(5)
  await one.shop.orders.place({ userId: 'mina', products: [{ productId, quantity: 2 }] })
  for (const watcher of watchers) await expect.poll(() => last(watcher)?.stock).toBe(3)
  await two.shop.products.update({ productId, price: 7 })
  for (const watcher of watchers) await expect.poll(() => last(watcher)?.price).toBe(7)
  await two.shop.products.update({ productId, listed: false })
  for (const watcher of watchers) expect(await watcher.ended).toBe(true)
})

test('500 watchers of three products cost one statement per interval; nobody costs none', async () => {
  const own = await start(proxy.url)
  const productIds = [await productIn(own), await productIn(own), await productIn(own)]
  const watchers = await Promise.all(Array.from({ length: 500 }, (_, n) => own.watch(productIds[n % 3] as string)))
  for (const watcher of watchers) await expect.poll(() => watcher.events().length).toBeGreaterThan(0)
  const counted = countReads()
  const began = performance.now()
  await own.shop.products.changeStock({ productId: productIds[0] as string, change: 10 })
  for (const watcher of watchers.filter((_, n) => n % 3 === 0)) await expect.poll(() => last(watcher).stock).toBe(15)
  await expect.poll(() => counted.reads).toBeGreaterThanOrEqual(5)
  expect(counted.reads).toBeLessThanOrEqual((performance.now() - began) / 200 + 1)
  for (const watcher of watchers) watcher.close()
  await expect
    .poll(async () => {
      const before = counted.reads
      await own.shop.balance.entries({})
      return counted.reads - before
    })
    .toBe(0)
  const settled = counted.reads
  const another = await own.watch(productIds[1] as string)
  await expect.poll(() => another.events().length).toBe(1)
  expect(counted.reads - settled).toBeLessThanOrEqual(2)
})

test('streams survive an outage of the database and go on after it', async () => {
  const [own, other] = [await start(proxy.url), await start(database.url)]
  const productId = await productIn(other)
  const watcher = await own.watch(productId)
  await expect.poll(() => last(watcher)?.stock).toBe(5)
  proxy.fate = () => 'drop'
  await expect.poll(async () => (await own.watch(productId)).status, { timeout: 20_000 }).toBe(503)
  await other.shop.products.changeStock({ productId, change: 4 })
  proxy.fate = () => 'forward'
  await expect.poll(() => last(watcher).stock, { timeout: 20_000 }).toBe(9)
  expect((await own.watch(productId)).status).toBe(200)
})

test('a server that closes ends its streams at once, and its watchers go on at another', async () => {
  const [one, two] = [await start(database.url), await start(database.url)]
  const productId = await productIn(one)
  const watchers = await Promise.all(Array.from({ length: 20 }, () => one.watch(productId)))
  const began = performance.now()
  await one.server.close()
  expect(performance.now() - began).toBeLessThan(2_000)
  for (const watcher of watchers) {
    expect(await watcher.ended).toBe(true)
    expect(watcher.text()).toMatch(/\n\nretry: 1000\n\n$/)
  }
  const id = watchers[0]?.events()[0]?.id ?? ''
  const again = await watchProduct(two.port, productId, { headers: { 'last-event-id': id } })
  await expect.poll(() => last(again)?.stock).toBe(5)
})

test('the metrics count the open streams', async () => {
  const { port, watch, ...own } = await start(database.url)
  const productId = await productIn(own)
  const gauge = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return Number(/^shop_live_streams (\d+)$/m.exec(text)?.[1])
  }
  const watchers = await Promise.all(Array.from({ length: 3 }, () => watch(productId)))
  await expect.poll(gauge).toBe(3)
  for (const watcher of watchers) watcher.close()
  await expect.poll(gauge).toBe(0)
})
