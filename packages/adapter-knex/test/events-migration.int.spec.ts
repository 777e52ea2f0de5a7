import { knexStore, migrate, pendingMigrations } from '@shop/adapter-knex'
import { createShop, eventTypes, resolvePolicies } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { migrateAsBefore } from './support/migrate-as-before.js'
import { lockWaits } from './support/open-shop-database.js'
import { changedRows, migrateToRelease, release, replay, violations } from './support/release-of-0007.js'
import { catalogue, unfinished } from './support/schema-state.js'
import { expectShortWaits } from './support/short-waits.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
  // Rows of an earlier release, in the schema of the release before.
  await migrateToRelease(database.knex)
  await migrateAsBefore(database.knex, (name) => name < '0010_events')
})
afterEach(() => database.drop())

const isRecorded = async () => (await database.knex('shop.migrations').pluck('name')).includes('0010_events')

describe('the migration to events of everything', () => {
  test('keeps the rows, and makes room for events of every type', async () => {
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await unfinished(database.knex)).toEqual([])
    expect(await changedRows(database.knex)).toEqual([])
    const shop = createShop({
      store: knexStore(database.knex, { clock: { now: () => release.now } }),
      policies: resolvePolicies('standard', { events: eventTypes }),
    })
    await shop.balance.charge({ userId: 'ann', amount: 10 })
    await shop.products.changeStock({ productId: 'tea', change: 1 })
    const { items } = await shop.outbox.list({ limit: 2 })
    expect(items.map(({ type }) => type).sort()).toEqual(['stock.changed', 'wallet.charged'])
    expect((await shop.audit()).violations).toEqual([])
    await shop.close()
  })

  test('lets servers of an earlier release go on', async () => {
    await migrate(database.knex)
    await replay(database.knex)
    expect(await violations(database.knex)).toEqual([])
  })

  test('waits only briefly for tables that others read, and does the rest beside commands', async () => {
    const reader = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await reader.raw('select from shop.events limit 1')
    const migrated = migrate(database.knex)
    await expectShortWaits(database.knex, ['events', 'orders', 'coupons', 'products'])
    expect(await isRecorded()).toBe(false)
    // Its snapshot is older than the index.
    const late = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await late.raw('select 1')
    await reader.commit()
    await expect.poll(isRecorded, { timeout: 10_000, interval: 20 }).toBe(true)
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    await replay(database.knex)
    await late.commit()
    await migrated
    expect(await unfinished(database.knex)).toEqual([])
  })

  test('is undone by down, which removes the events that the release before does not know', async () => {
    await database.knex.raw('drop schema shop cascade')
    await migrateAsBefore(database.knex, (name) => name < '0010_events')
    const before = await catalogue(database.knex)
    await migrate(database.knex)
    const shop = createShop({
      store: knexStore(database.knex, { clock: { now: () => release.now } }),
      policies: resolvePolicies('standard', { events: eventTypes }),
    })
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 1, stock: 1 })
    const { orderId } = await shop.orders.place({ userId: 'ann', products: [{ productId: 'mug', quantity: 1 }] })
    await shop.orders.cancel({ orderId })
    await shop.close()
    for (const migration of migrations.filter(({ name }) => name >= '0010').toReversed())
      await migration.down(database.knex, '"shop"')
    expect(await catalogue(database.knex)).toEqual(before)
    expect(await database.knex('shop.events').pluck('type')).toEqual(['order.cancelled'])
  })
})
