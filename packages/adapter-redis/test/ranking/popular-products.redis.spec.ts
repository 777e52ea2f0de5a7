import { connectRedis, type PopularProductsOptions, popularProducts, type RedisConnection } from '@shop/adapter-redis'
import { createShop, resolvePolicies, type Shop } from '@shop/core'
import { addDays, type Day } from '@shop/core/store'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type MemoryDatabase, memoryDatabase } from '../support/memory-database.js'

let redis: RedisServer
let connection: RedisConnection

beforeAll(async () => {
  redis = await startRedis()
  connection = connectRedis(redis.url)
  await connection.ready(5_000)
})
afterEach(() => redis.flush())
afterAll(async () => {
  await connection.close()
  await redis.stop()
})

const day = 86_400_000

/** A server that reports its sales to Redis. */
const open = (database: MemoryDatabase, options: Partial<PopularProductsOptions> = {}) => {
  const read: Day[] = []
  const popular = popularProducts({
    redis: connection.redis,
    guard: connection.guard,
    database: database.database,
    policies: database.policies,
    async dailySums(date, timeZone) {
      read.push(date)
      return database.dailySums(date, timeZone)
    },
    rankables: database.rankables,
    answerMs: 0,
    databaseMs: 0,
    timer: { elapsedMs: () => 0 },
    ...options,
  })
  const shop = createShop({ store: popular.store(database.store), policies: database.policies })
  return { popular, shop, read }
}

const sell = async (shop: Shop, productId: string, quantity: number): Promise<string> => {
  const order = await shop.orders.place({ userId: 'mina', products: [{ productId, quantity }] })
  await shop.payments.pay({ userId: 'mina', orderId: order.orderId })
  return order.orderId
}

const stocked = async (shop: Shop, productIds: readonly string[]): Promise<void> => {
  for (const productId of productIds) await shop.products.create({ productId, name: productId, price: 0, stock: 1_000 })
}

/** The database's own ranking. */
const ranked = async (shop: Shop) => {
  const outcome = await shop.upkeep.refreshRanking()
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.result
}

test('a product that is never among a day’s best can be the most popular one', async () => {
  const database = memoryDatabase()
  const { popular, shop } = open(database)
  const others = [1, 2, 3].map((date) => [1, 2, 3, 4, 5].map((number) => `p-${date}-${number}`))
  await stocked(shop, ['x', ...others.flat()])
  for (const [index, products] of others.entries()) {
    if (index > 0) database.clock.move(day)
    for (const productId of products) await sell(shop, productId, 10)
    await sell(shop, 'x', 9)
  }
  const top = await popular.top()
  expect(top.products[0]).toMatchObject({ rank: 1, productId: 'x', sold: 27 })
  expect(top.products.map(({ sold }) => sold)).toEqual([27, 10, 10, 10, 10])
  expect(top).toEqual(await ranked(shop))
})

test('past days are read once; only changed days are read again', async () => {
  const database = memoryDatabase()
  const { popular, shop, read } = open(database)
  await stocked(shop, ['a', 'b'])
  const orderId = await sell(shop, 'a', 2)
  database.clock.move(day)
  await sell(shop, 'b', 1)
  const { from, to } = await popular.top()
  expect(read).toEqual([from, addDays(from, 1), to])
  expect(await popular.top()).toMatchObject({ products: [{ productId: 'a' }, { productId: 'b' }] })
  expect(read).toHaveLength(3)
  await sell(shop, 'b', 4)
  expect(await popular.top()).toMatchObject({ products: [{ productId: 'b', sold: 5 }, { productId: 'a' }] })
  expect(read.slice(3)).toEqual([to])
  await shop.orders.refund({ orderId })
  expect((await popular.top()).products).toMatchObject([{ productId: 'b' }])
  expect(read.slice(4)).toEqual([addDays(to, -1)])
})

test('a day without sales is cached, too', async () => {
  const { popular, read } = open(memoryDatabase())
  await popular.top()
  await popular.top()
  expect(read).toHaveLength(3)
})

test('unlisted products make room for others', async () => {
  const policies = resolvePolicies('standard', { ranking: { size: 2 } })
  const { popular, shop } = open(memoryDatabase({ policies }))
  const products = Array.from({ length: 12 }, (_, index) => `p-${index}`)
  await stocked(shop, products)
  for (const [index, productId] of products.entries()) await sell(shop, productId, 20 - index)
  for (const productId of products.slice(0, 9)) await shop.products.update({ productId, listed: false })
  expect((await popular.top()).products.map(({ productId }) => productId)).toEqual(['p-9', 'p-10'])
})

test('a day with more products than fit into one call is stored completely', async () => {
  const database = memoryDatabase()
  const sums = new Map(Array.from({ length: 5_001 }, (_, index) => [`p-${index}`, index + 1]))
  const { popular, read } = open(database, {
    dailySums: async () => sums,
    rankables: async (productIds) =>
      productIds.map((productId) => ({ productId, name: productId, price: 1, views: 0, createdAt: 0 })),
  })
  expect((await popular.top({ limit: 2 })).products).toMatchObject([
    { productId: 'p-5000', sold: 15_003 },
    { productId: 'p-4999', sold: 15_000 },
  ])
  expect(read).toEqual([])
})

test('sums that were read before a sale committed are not stored after it', async () => {
  const database = memoryDatabase()
  const { shop } = open(database)
  await stocked(shop, ['a'])
  let letRead = () => {}
  const held = new Promise<void>((resolve) => {
    letRead = resolve
  })
  let began = () => {}
  const reading = new Promise<void>((resolve) => {
    began = resolve
  })
  const slow = open(database, {
    async dailySums(date, timeZone) {
      const sums = await database.dailySums(date, timeZone)
      began()
      await held
      return sums
    },
  })
  const early = slow.popular.top()
  await reading
  await sell(shop, 'a', 3)
  letRead()
  await early
  expect((await open(database).popular.top()).products).toMatchObject([{ productId: 'a', sold: 3 }])
})

test('while Redis is away the ranking comes from the database', async () => {
  const database = memoryDatabase()
  const closed = connectRedis('redis://127.0.0.1:1')
  const { popular, shop } = open(database, { redis: closed.redis, guard: closed.guard })
  try {
    await stocked(shop, ['a', 'b'])
    await sell(shop, 'b', 2)
    expect(await popular.top()).toEqual(await ranked(shop))
  } finally {
    await closed.close()
  }
})

const productIds = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const product = fc.constantFrom(...productIds)
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('sell' as const), product, units: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refund' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('view' as const), product }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('list' as const), product, listed: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), hours: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wipe' as const) }) },
)

test('random histories: the ranking equals that of the database', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        days: fc.integer({ min: 1, max: 4 }),
        includeToday: fc.boolean(),
        size: fc.integer({ min: 1, max: 5 }),
        tieBreakers: fc.constantFrom([], ['views'] as const, ['newest'] as const, ['views', 'newest'] as const),
        timeZone: fc.constantFrom('Asia/Seoul', 'America/New_York', 'UTC'),
      }),
      fc.array(step, { minLength: 5, maxLength: 30 }),
      async (ranking, steps) => {
        const database = memoryDatabase({ policies: resolvePolicies('standard', { ranking }) })
        const servers = [open(database), open(database)]
        const { shop } = open(database)
        for (const productId of productIds) {
          await stocked(shop, [productId])
          database.clock.move(1)
        }
        const orders: string[] = []
        for (const [index, each] of steps.entries()) {
          const server = servers[index % 2] as (typeof servers)[number]
          if (each.do === 'sell') {
            const sold = await sell(server.shop, each.product, each.units).catch(() => undefined)
            if (sold !== undefined) orders.push(sold)
          } else if (each.do === 'refund') {
            const orderId = orders[each.which % orders.length]
            if (orderId !== undefined) await server.shop.orders.refund({ orderId }).catch(() => undefined)
          } else if (each.do === 'view') await database.store.upkeep.addViews(new Map([[each.product, 1]]))
          else if (each.do === 'list')
            await server.shop.products.update({ productId: each.product, listed: each.listed })
          else if (each.do === 'move') database.clock.move(each.hours * 3_600_000)
          else await redis.flush()
          const other = servers[(index + 1) % 2] as (typeof servers)[number]
          expect(await other.popular.top()).toEqual(await ranked(shop))
        }
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)
