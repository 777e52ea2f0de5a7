import { setTimeout as pause } from 'node:timers/promises'
import {
  type CacheFinding,
  connectRedis,
  type ProductCacheOptions,
  productCache,
  type RedisConnection,
} from '@shop/adapter-redis'
import { createShop, resolvePolicies, type Shop } from '@shop/core'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type MemoryDatabase, memoryDatabase, start } from '../support/memory-database.js'

let redis: RedisServer
const connections: RedisConnection[] = []

beforeAll(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  redis.thaw()
  await Promise.all(connections.splice(0).map((connection) => connection.close()))
  await redis.flush()
})
afterAll(() => redis.stop())

/** A server whose shop has a product cache. */
const open = async (database: MemoryDatabase, options: Partial<ProductCacheOptions> = {}) => {
  const connection = connectRedis(redis.url)
  connections.push(connection)
  await connection.ready(5_000)
  const findings: CacheFinding[] = []
  const cache = productCache({
    redis: connection.redis,
    guard: connection.guard,
    database: database.database,
    ttlMs: 60_000,
    databaseMs: 0,
    observer: { onPage: (finding) => findings.push(finding) },
    ...options,
  })
  const { policies } = database
  return { shop: createShop({ store: cache.store(database.store), policies }), cache, findings, connection }
}

const first = { page: 0, size: 10 }
/** Where the first page comes from. */
const find = async ({ shop, findings }: Awaited<ReturnType<typeof open>>): Promise<CacheFinding | undefined> => {
  await shop.products.list(first)
  return findings.at(-1)
}

const names = async (shop: Shop, query = first) => (await shop.products.list(query)).products.map(({ name }) => name)

test('administrators read the database, and their pages are never those of buyers', async () => {
  const { shop, findings } = await open(memoryDatabase())
  const listed = await shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  const hidden = await shop.products.create({ name: 'Mug of tomorrow', price: 1_000, stock: 5 })
  await shop.products.update({ productId: hidden.productId, listed: false })
  for (let time = 0; time < 2; time += 1) {
    const all = (await shop.products.listAll(first)).products.map(({ productId }) => productId)
    expect(all.sort()).toEqual([listed.productId, hidden.productId].sort())
    expect(await names(shop)).toEqual(['Mug'])
  }
  expect(findings).toHaveLength(2)
})

test('a page is read once and shown by every server', async () => {
  const database = memoryDatabase()
  const [one, other] = [await open(database), await open(database)]
  await one.shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  const page = await one.shop.products.list(first)
  await expect.poll(() => find(other)).toBe('hit')
  const before = database.counts.products
  expect(await other.shop.products.list(first)).toEqual(page)
  expect(await other.shop.products.list({ ...first, keyword: 'MUG' })).toMatchObject({ total: 1 })
  expect(database.counts.products).toBe(before + 1)
})

test('a cached page shows the price by the clock of the database', async () => {
  const database = memoryDatabase()
  const [one, other] = [await open(database), await open(database)]
  await one.shop.products.create({ productId: 'mug', name: 'Mug', price: 1_000, stock: 5 })
  const sale = { price: 800, from: start + 10, until: start + 20 }
  await find(one)
  await one.shop.products.update({ productId: 'mug', sale, opensAt: start + 15, purchaseLimit: 1 })
  await expect.poll(() => find(other)).toBe('hit')
  const before = database.counts.products
  const shown = async () => (await other.shop.products.list(first)).products[0]
  expect(await shown()).toMatchObject({ price: 1_000, regularPrice: 1_000, purchaseLimit: 1 })
  for (const [ms, price] of [
    [10, 800],
    [9, 800],
    [1, 1_000],
  ] as const) {
    database.clock.move(ms)
    expect(await shown()).toEqual(await other.shop.products.get({ productId: 'mug' }))
    expect((await shown())?.price).toBe(price)
  }
  expect(await shown()).not.toHaveProperty('sale')
  expect(database.counts.products).toBe(before)
})

test.each([
  { opensAt: start },
  { closesAt: start + 1 },
  { sale: { price: 1, from: start, until: start + 5 } },
  { purchaseLimit: 2 },
  { metadata: { edition: '50' } },
])('a change of %o shows at once on every server', async (change) => {
  const database = memoryDatabase()
  const [one, other] = [await open(database), await open(database)]
  await one.shop.products.create({ productId: 'mug', name: 'Mug', price: 1_000, stock: 5 })
  await expect.poll(() => find(other)).toBe('hit')
  await one.shop.products.update({ productId: 'mug', ...change })
  const [mug] = (await other.shop.products.list(first)).products
  expect(Object.keys(mug ?? {})).toContain(Object.keys(change)[0])
})

test('concurrent callers of the same page share one read', async () => {
  const database = memoryDatabase()
  const { shop } = await open(database)
  await Promise.all(Array.from({ length: 50 }, () => shop.products.list(first)))
  expect(database.counts.products).toBe(1)
})

test('a created, changed, unlisted or restocked product shows at once on every server', async () => {
  const database = memoryDatabase()
  const [one, other] = [await open(database), await open(database)]
  const { productId } = await one.shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  expect(await names(other.shop)).toEqual(['Mug'])
  await one.shop.products.update({ productId, name: 'Cup' })
  expect(await names(other.shop)).toEqual(['Cup'])
  await other.shop.products.changeStock({ productId, change: 2 })
  expect((await one.shop.products.list(first)).products).toMatchObject([{ stock: 7 }])
  await one.shop.products.update({ productId, listed: false })
  expect(await names(other.shop)).toEqual([])
})

test('a sale invalidates no page, and the detail shows the current stock', async () => {
  const database = memoryDatabase()
  const server = await open(database)
  const { shop, findings } = server
  const { productId } = await shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  await shop.products.list(first)
  await expect.poll(() => find(server)).toBe('hit')
  await shop.orders.place({ userId: 'mina', products: [{ productId, quantity: 3 }] })
  expect((await shop.products.list(first)).products).toMatchObject([{ stock: 5 }])
  expect(findings.at(-1)).toBe('hit')
  expect(await shop.products.get({ productId })).toMatchObject({ stock: 2 })
  await expect(shop.orders.place({ userId: 'joon', products: [{ productId, quantity: 3 }] })).rejects.toMatchObject({
    code: 'STOCK_INSUFFICIENT',
  })
})

test('a page is never older than ttlMs, and is refreshed earlier while the old one is shown', async () => {
  const database = memoryDatabase()
  const { shop, findings } = await open(database, { ttlMs: 400 })
  const { productId } = await shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  await shop.products.list(first)
  await shop.orders.place({ userId: 'mina', products: [{ productId, quantity: 3 }] })
  const sold = performance.now()
  let stock = 5
  while (stock === 5) {
    const asked = performance.now()
    stock = (await shop.products.list(first)).products[0]?.stock ?? 0
    if (stock === 5) expect(asked - sold).toBeLessThan(400)
    await pause(5)
  }
  expect(stock).toBe(2)
  expect(findings).toContain('stale')
  expect(findings.filter((finding) => finding === 'miss')).toHaveLength(1)
})

test('a page that was read before a product changed is not stored after it', async () => {
  const database = memoryDatabase()
  const writer = await open(database)
  const { productId } = await writer.shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  let letRead = () => {}
  const held = new Promise<void>((resolve) => {
    letRead = resolve
  })
  const { products } = database.store.reads
  const slow: MemoryDatabase = {
    ...database,
    store: {
      ...database.store,
      reads: {
        ...database.store.reads,
        async products(query) {
          const found = await products(query)
          await held
          return found
        },
      },
    },
  }
  const reader = await open(slow)
  const old = names(reader.shop)
  await expect.poll(() => database.counts.products).toBe(1)
  await writer.shop.products.update({ productId, name: 'Cup' })
  letRead()
  expect(await old).toEqual(['Mug'])
  expect(await names(writer.shop)).toEqual(['Cup'])
})

test('views of a list count with and without a cache hit', async () => {
  const database = memoryDatabase({ policies: resolvePolicies('standard', { catalog: { countViews: 'on-list' } }) })
  const { shop } = await open(database)
  const { productId } = await shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  for (let time = 0; time < 5; time += 1) await shop.products.list(first)
  await shop.upkeep.flushViews()
  expect(await database.rankables([productId])).toMatchObject([{ views: 5 }])
})

test.each([
  ['killed', (server: RedisServer) => server.kill()],
  ['frozen', async (server: RedisServer) => server.freeze()],
] as const)('with Redis %s, pages come from the database and show changes', async (_, harm) => {
  const database = memoryDatabase()
  const { shop, findings } = await open(database)
  const { productId } = await shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  expect(await names(shop)).toEqual(['Mug'])
  await harm(redis)
  try {
    await shop.products.update({ productId, name: 'Cup' })
    expect(await names(shop)).toEqual(['Cup'])
    expect(findings.at(-1)).toBe('away')
  } finally {
    redis.thaw()
    await redis.restart()
  }
})

test('pages of another database are never shown', async () => {
  const [one, other] = [memoryDatabase(), memoryDatabase()]
  const full = await open(one)
  await full.shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
  expect(await names(full.shop)).toEqual(['Mug'])
  expect(await names((await open(other)).shop)).toEqual([])
})

describe('over a store whose lists may be of an earlier moment', () => {
  /** A store whose listed products are those of `catchUp`, at most `maxAgeMs` old. */
  const lagging = async (maxAgeMs: number) => {
    const database = memoryDatabase()
    const { products } = database.store.reads
    const page = { offset: 0, limit: 10 }
    let late = await products(page)
    const counts = { late: 0, current: 0 }
    const store: MemoryDatabase['store'] = {
      ...database.store,
      supports: { ...database.store.supports, staleLists: { maxAgeMs, reads: ['products'] } },
      reads: {
        ...database.store.reads,
        async products(query) {
          counts[query.mustBeCurrent ? 'current' : 'late'] += 1
          return query.mustBeCurrent ? products(query) : late
        },
      },
    }
    const catchUp = async () => {
      late = await products(page)
    }
    return { database: { ...database, store }, counts, catchUp }
  }

  test('no page from before a change is kept after it', async () => {
    const { database, catchUp } = await lagging(60_000)
    const [one, other] = [await open(database), await open(database)]
    const { productId } = await one.shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
    await catchUp()
    await one.shop.products.update({ productId, name: 'Cup' })
    expect(await names(other.shop)).toEqual(['Cup'])
    await expect.poll(() => find(other)).toBe('hit')
    expect(await names(one.shop)).toEqual(['Cup'])
  })

  test('pages come from its lists once these include the last change', async () => {
    const maxAgeMs = 200
    const { database, catchUp, counts } = await lagging(maxAgeMs)
    const server = await open(database)
    await server.shop.products.create({ name: 'Mug', price: 1_000, stock: 5 })
    const changed = performance.now()
    const search = async (keyword: number) => names(server.shop, { ...first, keyword: `m${keyword}` } as typeof first)
    await catchUp()
    for (let page = 0; counts.late === 0; page += 1) {
      await search(page)
      expect(page).toBeLessThan(10_000)
    }
    expect(performance.now() - changed).toBeGreaterThan(maxAgeMs)
    expect(counts.current).toBeGreaterThan(0)
  })
})
