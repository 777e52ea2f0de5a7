import { createShop, type ExpireEndedLots, type Shop } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { beforeEach, expect, test } from 'vitest'
import { defaultRetention, leaderJobs } from '../../src/scheduler/jobs.js'
import type { Fence, Leadership } from '../../src/scheduler/leadership.js'

const hour = 3_600_000

let now: number
let shop: Shop
beforeEach(() => {
  now = Date.UTC(2026, 5, 1, 3)
  shop = createShop({ store: inMemoryStore({ clock: { now: () => now } }) })
})

/** Runs the sweep once, as the leader. */
const sweep = async (fence: Fence = { job: 'expiry', token: 1 }, signal = new AbortController().signal) => {
  const leadership = {
    lead: (_job: string, work: (fence: Fence) => Promise<void>) => work(fence),
  } as unknown as Leadership
  const job = leaderJobs(shop, leadership, defaultRetention).find(({ name }) => name === 'expiry')
  await job?.run(signal)
}

const grantTo = (userIds: readonly string[]) => {
  const expiresAt = now + hour
  return Promise.all(userIds.map((userId) => shop.balance.grant({ userId, amount: 5, expiresAt })))
}

const expiries = async (limit = 100) => (await shop.balance.entries({ kind: 'expiry', limit })).items

test('the sweep writes the expiry of ended bonus money, and of overdue orders', async () => {
  await grantTo(['mina', 'sora'])
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 10, stock: 5 })
  const { orderId } = await shop.orders.place({ userId: 'mina', products: [{ productId: 'tea', quantity: 5 }] })
  await sweep()
  expect(await expiries()).toEqual([])
  now += hour
  await sweep()
  expect((await expiries()).map(({ userId, amount }) => [userId, amount]).sort()).toEqual([
    ['mina', -5],
    ['sora', -5],
  ])
  expect((await shop.outbox.list()).items.map(({ type, orderId }) => [type, orderId])).toEqual([
    ['order.expired', orderId],
  ])
  expect((await shop.audit()).violations).toEqual([])
})

test('the sweep goes on until fewer than its limit are left', async () => {
  const userIds = Array.from({ length: 501 }, (_, index) => `user-${index}`)
  await grantTo(userIds)
  now += hour
  const calls: ExpireEndedLots[] = []
  const { expireLots } = shop.upkeep
  Object.assign(shop.upkeep, {
    expireLots: (options: ExpireEndedLots) => {
      calls.push(options)
      return expireLots(options)
    },
  })
  await sweep()
  const call = { fence: { job: 'expiry', token: 1 }, limit: 500 }
  expect(calls).toEqual([call, call])
  expect(await shop.upkeep.expireLots()).toBe(0)
})

test('the sweep of bonus money goes on if that of orders fails, and the other way round', async () => {
  const away = () => Promise.reject(new Error('away'))
  await grantTo(['mina'])
  now += hour
  const { expireOrders, expireLots } = shop.upkeep
  Object.assign(shop.upkeep, { expireOrders: away })
  await expect(sweep()).rejects.toThrow('away')
  expect(await expiries()).toHaveLength(1)

  let swept = 0
  Object.assign(shop.upkeep, {
    expireLots: away,
    expireOrders: async () => {
      swept += 1
      return expireOrders()
    },
  })
  await expect(sweep()).rejects.toThrow('away')
  expect(swept).toBe(1)
  Object.assign(shop.upkeep, { expireLots })
})
