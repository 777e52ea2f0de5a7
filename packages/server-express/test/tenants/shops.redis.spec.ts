import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveShops, stock, twoDatabases } from './support.js'

const databases = twoDatabases()
let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const quantity = 10
const users = Array.from({ length: 2 * quantity }, (_, index) => `user-${index}`)

test('shops share one Redis, and neither its gate nor its pages nor its counts', async () => {
  const served = await serveShops(
    {
      books: { database: databases.a.url, schema: 'same' },
      music: { database: databases.b.url, schema: 'same' },
      films: { database: databases.a.url, schema: 'films' },
    },
    { redis: { urls: [redis.url] }, rateLimit: 1, scheduler: false },
  )
  const shopIds = ['books', 'music', 'films']
  const { call } = served
  const validUntil = new Date(Date.now() + 3_600_000).toISOString()
  await Promise.all(
    shopIds.map(async (shopId, index) => {
      await stock(served, shopId, { units: 10 * (index + 1) })
      const coupon = { couponId: 'rush', name: 'Rush', discount: { kind: 'fixed', amount: 1 }, quantity, validUntil }
      await call(shopId, 'POST', '/api/admin/coupons', { body: coupon })
      for (const userId of users) await call(shopId, 'POST', '/api/users', { body: { userId } })
    }),
  )
  const codes = await Promise.all(
    shopIds.map((shopId) =>
      Promise.all(
        users.map(async (userId, index) => {
          const { body } = await (index % 2 === 0
            ? call(shopId, 'POST', '/api/coupon/issue', { as: userId, body: { userId, couponId: 'rush' } })
            : call(shopId, 'POST', '/api/coupons/rush/issue', { as: userId, body: { userId } }))
          return body.code ?? 'issued'
        }),
      ),
    ),
  )
  for (const each of codes) {
    expect(each.filter((code) => code === 'issued').length).toBe(quantity)
    expect(each.filter((code) => code === 'COUPON_SOLD_OUT').length).toBe(quantity)
  }
  const stocks = await Promise.all(
    // Twice: the second answer may come from the cache.
    [...shopIds, ...shopIds].map(
      async (shopId) => (await call(shopId, 'GET', '/api/products', { tokenOf: null })).body.products[0].stock,
    ),
  )
  expect(stocks).toEqual([10, 20, 30, 10, 20, 30])
  const again = await call('books', 'POST', '/api/coupon/issue', {
    as: 'user-0',
    body: { userId: 'user-0', couponId: 'rush' },
  })
  expect(again.status).toBe(429)
  expect((await call('books', 'GET', '/metrics', { tokenOf: null })).body).toMatch(/shop_redis_\w+/)
})
