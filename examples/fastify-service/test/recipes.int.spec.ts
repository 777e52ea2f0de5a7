import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, type OutboxEvent } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import type { Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepUp } from '../src/keep-up.js'
import { limitTransactions } from '../src/limit-transactions.js'

const hour = 3_600_000
const buyers = 100

let database: FreshDatabase
let knex: Knex
beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.knex)
  knex = knexConnection(database.url, { pool: { max: 10 } })
})
afterAll(async () => {
  await knex.destroy()
  await database.drop()
})

test(`${buyers} concurrent buyers with one transaction each all succeed with a pool of 10`, {
  timeout: 120_000,
}, async () => {
  const shop = createShop({ store: knexStore(knex) })
  const { productId } = await shop.products.create({ name: 'Mug', price: 0, stock: buyers })
  const transaction = limitTransactions(knex, 8)
  let [open, most] = [0, 0]
  const outcomes = await Promise.allSettled(
    Array.from({ length: buyers }, (_, buyer) =>
      transaction(async (trx) => {
        open += 1
        most = Math.max(most, open)
        const userId = `buyer-${buyer}`
        try {
          const placed = await shop.within(trx).orders.place({ userId, products: [{ productId, quantity: 1 }] })
          return placed.ok ? 'placed' : placed.refusal.code
        } finally {
          open -= 1
        }
      }),
    ),
  )
  const answers = outcomes.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)))
  expect(answers.filter((answer) => answer !== 'placed')).toEqual([])
  expect(most).toBe(8)
  expect((await shop.products.get({ productId })).stock).toBe(0)
  await shop.close()
})

test('a failed transaction lets the next one begin', async () => {
  const transaction = limitTransactions(knex, 1)
  const answers = await Promise.allSettled(
    ['no', 'yes', 'no', 'yes'].map((word) =>
      transaction(async (trx) => {
        await trx.raw('select 1')
        if (word === 'no') throw new Error('no')
        return word
      }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
})

test('keepUp expires orders, sends events, flushes views, computes the ranking and purges', {
  timeout: 60_000,
}, async () => {
  let now = Date.UTC(2026, 4, 17, 12)
  const store = knexStore(knex, { clock: { now: () => now } })
  const shop = createShop({ store })
  const { productId } = await shop.products.create({ name: 'Tea', price: 100, stock: 10 })
  const one = { userId: 'mina', products: [{ productId, quantity: 1 }] }

  // Rows that are old enough to be purged.
  await shop.balance.charge({ userId: 'mina', amount: 1_000 }, { idempotency: { scope: 'mina', key: 'old' } })
  const old = await shop.orders.place(one)
  await shop.orders.cancel({ orderId: old.orderId })
  const stop = new AbortController()
  const seen: OutboxEvent[] = []
  const errors: unknown[] = []
  const sender = {
    send: async (event: OutboxEvent) => {
      seen.push(event)
      return { kind: 'sent' as const }
    },
  }
  const first = keepUp({ shop, store, sender, onError: (error) => errors.push(error) }, stop.signal)
  await expect.poll(() => shop.outbox.counts(), { timeout: 20_000 }).toMatchObject({ pending: 0, sent: 1 })
  stop.abort()
  await first
  now += 8 * 24 * hour

  const paid = await shop.orders.place(one)
  await shop.payments.pay({ userId: 'mina', orderId: paid.orderId })
  const unpaid = await shop.orders.place(one)
  await shop.products.get({ productId })
  now += hour
  const rows = async (table: string) => (await database.knex(`shop.${table}`)).length
  expect([await rows('outcomes'), await rows('events')]).toEqual([1, 2])

  const again = new AbortController()
  const kept = keepUp({ shop, store, sender, onError: (error) => errors.push(error) }, again.signal)
  await expect
    .poll(async () => seen.map(({ type, orderId }) => [type, orderId]), { timeout: 20_000 })
    .toEqual([
      ['order.cancelled', old.orderId],
      ['order.paid', paid.orderId],
      ['order.expired', unpaid.orderId],
    ])
  await expect
    .poll(async () => (await shop.products.top()).products, { timeout: 20_000 })
    .toMatchObject([{ productId, sold: 1 }])
  await expect
    .poll(() => database.knex('shop.product_views').where({ product_id: productId }).pluck('views'), {
      timeout: 20_000,
    })
    .toEqual(['1'])
  await expect
    .poll(async () => [await rows('outcomes'), await database.knex('shop.events').where({ order_id: old.orderId })], {
      timeout: 20_000,
    })
    .toEqual([0, []])
  again.abort()
  await kept
  expect(errors).toEqual([])
  await shop.close()
})
