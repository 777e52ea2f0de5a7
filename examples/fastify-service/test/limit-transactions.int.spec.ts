import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import type { Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limitTransactions } from '../src/limit-transactions.js'

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
