import { knexConnection, knexLocks, knexStore } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import type { Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'

let database: FreshDatabase
let knex: Knex
beforeAll(async () => {
  database = await freshDatabase()
  knex = knexConnection(database.url)
})
afterAll(async () => {
  await knex.destroy()
  await database.drop()
})

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => error,
  )

test.each(['', 'create schema shop'])(
  'an unmigrated database rejects with the missing table and the remedy (%s)',
  async (sql) => {
    if (sql !== '') await knex.raw(sql)
    const shop = createShop({ store: knexStore(knex) })
    const locks = knexLocks(knex)
    const missing = (table: string) =>
      expect.objectContaining({ message: `table shop.${table} is missing: run migrate(knex)` })
    expect(await errorOf(shop.users.register({ userId: 'mina' }))).toEqual(missing('wallets'))
    expect(await errorOf(shop.products.list({ page: 0, size: 1 }))).toEqual(missing('products'))
    expect(await errorOf(shop.outbox.counts())).toEqual(missing('events'))
    expect(await errorOf(locks.withLock('job', async () => undefined, { leaseMs: 1_000 }))).toEqual(missing('leases'))
    await shop.close()
  },
)

test("keeps the server's message for tables of others", async () => {
  const shop = createShop({ store: knexStore(knex) })
  const failed = knex.transaction(async (trx) => {
    await trx.raw('select from gift_notes')
    return shop.within(trx).users.register({ userId: 'mina' })
  })
  await expect(failed).rejects.toThrow('gift_notes')
  await shop.close()
})
