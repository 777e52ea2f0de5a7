import { knexConnection, knexSources, knexStore, migrate } from '@shop/adapter-knex'
import { connectRedis, couponGate, popularProducts, productCache } from '@shop/adapter-redis'
import { createShop, isShopRefusal, resolvePolicies } from '@shop/core'
import { issueCoupon } from '@shop/core/commands'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'

let redis: RedisServer
let database: FreshDatabase

beforeAll(async () => {
  redis = await startRedis()
  database = await freshDatabase()
  await migrate(database.knex, { schema: 'shop' })
})
afterAll(async () => {
  await database.drop()
  await redis.stop()
})

const policies = resolvePolicies()

/** A server on Postgres that uses every Redis part. */
const server = async () => {
  const connection = connectRedis(redis.url)
  await connection.ready(5_000)
  const knex = knexConnection(database.url, { pool: { max: 4 } })
  const store = knexStore(knex)
  const sources = knexSources(knex)
  const access = { redis: connection.redis, guard: connection.guard }
  const cache = productCache({ ...access, database: sources.database })
  const popular = popularProducts({ ...access, ...sources, policies, answerMs: 0 })
  const gate = couponGate({ ...access, ...sources, reads: store.reads, policies })
  const shop = createShop({ store: cache.store(popular.store(store)), policies, middleware: [gate] })
  return {
    shop,
    popular,
    async close() {
      await shop.close()
      await gate.settled()
      await connection.close()
      await knex.destroy()
    },
  }
}

test('two servers issue exactly the quantity of a coupon while Redis loses its data', async () => {
  const [one, other] = await Promise.all([server(), server()])
  try {
    const { couponId } = await one.shop.coupons.create({
      name: 'Opening',
      discount: { kind: 'fixed', amount: 1_000 },
      quantity: 100,
      validUntil: Date.now() + 3_600_000,
    })
    const outcomes = await Promise.all(
      Array.from({ length: 1_500 }, async (_, number) => {
        if (number === 700) await redis.flush()
        const { shop } = number % 2 === 0 ? one : other
        return shop.execute(issueCoupon, { couponId, userId: `u-${number % 1_200}` })
      }),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(100)
    expect(await one.shop.coupons.get({ couponId })).toMatchObject({ issued: 100, remaining: 0 })
    await one.shop.coupons.update({ couponId, quantity: 101 })
    await other.shop.coupons.issue({ couponId, userId: 'late' })
    const refused = await one.shop.coupons.issue({ couponId, userId: 'late' }).catch((error) => error)
    expect(isShopRefusal(refused) && refused.code).toBe('COUPON_ALREADY_ISSUED')
    expect(await one.shop.audit()).toMatchObject({ ok: true })
  } finally {
    await Promise.all([one.close(), other.close()])
  }
})

test('the popular products match those of the database', async () => {
  const { shop, popular, close } = await server()
  try {
    for (const [productId, units] of [['a', 2] as const, ['b', 5] as const, ['c', 2] as const]) {
      await shop.products.create({ productId, name: productId, price: 0, stock: 100 })
      const order = await shop.orders.place({ userId: 'mina', products: [{ productId, quantity: units }] })
      await shop.payments.pay({ userId: 'mina', orderId: order.orderId })
      const { asOf, ...top } = await popular.top()
      const outcome = await shop.upkeep.refreshRanking()
      expect(outcome).toMatchObject({ ok: true, result: top })
      expect(asOf).not.toBeNull()
    }
    expect((await popular.top()).products.map(({ productId }) => productId)).toEqual(['b', 'c', 'a'])
    expect((await shop.products.list({ page: 0, size: 10 })).total).toBe(3)
  } finally {
    await close()
  }
})
