import { knexConnection, knexStore, migrate, migrateDown } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { migrateAsBefore } from './support/migrate-as-before.js'
import { lockWaits, put } from './support/open-shop-database.js'
import { eventOf, noon, orderOf } from './support/rows.js'

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

/** The schema of the version whose last migration was 0005. */
const migrateTo0005 = () => migrateAsBefore(database.knex, (name) => name < '0006')

/** As a server of the version before writes it. */
const insertAsBefore = async (orderId: string): Promise<void> => {
  const { data } = eventOf(orderId)
  await database.knex('shop.events').insert({
    event_id: `${orderId}-event`,
    type: 'order.cancelled',
    order_id: orderId,
    sequence: 1,
    data: JSON.stringify(data),
    at: new Date(noon),
    status: 'pending',
    attempts: 0,
    next_attempt_at: new Date(noon),
    last_error: null,
  })
}

const claimed = async () => {
  const claims = await knexStore(database.knex).outbox.claimEvents({ limit: 9, leaseMs: 1_000, lease: 'l' })
  return claims.map(({ event }) => [event.subjectId, event.traceparent])
}

describe('the trace context of an event', () => {
  test('is stored with it, and handed to relays and lists', async () => {
    await migrate(database.knex)
    const store = knexStore(database.knex)
    await put(store, { inserted: { orders: ['o1', 'o2'].map((id) => orderOf(id)) } })
    await put(store, { inserted: { events: [eventOf('o1', 1, { traceparent }), eventOf('o2')] } })
    expect((await store.reads.events({ limit: 9 })).map((event) => event.traceparent).sort()).toEqual([
      traceparent,
      null,
    ])
    expect(await claimed()).toEqual([
      ['o1', traceparent],
      ['o2', null],
    ])
  })

  test('comes from the command, over the whole path', async () => {
    await migrate(database.knex)
    const store = knexStore(database.knex)
    const shop = createShop({ store, middleware: [(call, next) => next({ ...call, traceparent })] })
    await shop.products.create({ productId: 'tea', name: 'Tea', price: 5, stock: 9 })
    const { orderId } = await shop.orders.place({ userId: 'ann', products: [{ productId: 'tea', quantity: 1 }] })
    await shop.orders.cancel({ orderId })
    expect(await claimed()).toEqual([[orderId, traceparent]])
    await shop.close()
  })
})

describe('the migration that adds it', () => {
  test('keeps the events of the release before, and its servers go on', async () => {
    await migrateTo0005()
    await insertAsBefore('o1')
    await migrate(database.knex)
    await insertAsBefore('o2')
    expect((await claimed()).sort()).toEqual([
      ['o1', null],
      ['o2', null],
    ])
    await migrateDown(database.knex)
  })

  test('holds up no command for long, whatever reads the table', async () => {
    await migrateTo0005()
    await insertAsBefore('o1')
    const reader = await database.knex.transaction()
    await reader.raw('select from shop.events')
    let isMigrated = false
    const migrated = migrate(database.knex).then(() => {
      isMigrated = true
    })
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)

    const server = knexConnection(database.url)
    onTestFinished(() => server.destroy())
    for (let number = 2; number < 12; number += 1) {
      const startedAt = performance.now()
      await server.raw(`update shop.events set attempts = ? where order_id = 'o1'`, [number])
      expect(performance.now() - startedAt).toBeLessThan(2_000)
    }
    expect(isMigrated).toBe(false)

    await reader.commit()
    await migrated
    expect(await claimed()).toEqual([['o1', null]])
  })
})
