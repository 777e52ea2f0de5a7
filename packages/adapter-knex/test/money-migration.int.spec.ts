import { migrate, migrateDown, pendingMigrations } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { migrateAsBefore } from './support/migrate-as-before.js'
import { lockWaits } from './support/open-shop-database.js'
import { fill, migrateToRelease, replay, shopOn, violations } from './support/release-of-0006.js'
import { catalogue, unfinished } from './support/schema-state.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

describe('the migration to bonus money, references and partial refunds', () => {
  /** How long one statement of a command waits, in milliseconds. */
  const commandMs = async (): Promise<number> => {
    const startedAt = performance.now()
    await database.knex.transaction(async (trx) => {
      await trx.raw(`set local lock_timeout = 2000`)
      for (const table of ['orders', 'wallets', 'wallet_entries', 'events']) {
        await trx.raw(`lock table shop.${table} in row exclusive mode`)
      }
    })
    return performance.now() - startedAt
  }

  const isRecorded = async () => (await database.knex('shop.migrations').pluck('name')).includes('0007_money')

  test('holds up no command for long, whatever reads the tables, before its commit and after', async () => {
    await migrateToRelease(database.knex)
    const reader = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await reader.raw('select from shop.wallet_entries limit 1')
    let isMigrated = false
    const migrated = migrate(database.knex).then(() => {
      isMigrated = true
    })
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    for (let round = 0; round < 8; round += 1) expect(await commandMs()).toBeLessThan(1_500)
    expect(await isRecorded()).toBe(false)

    // It needs no lock of this one, but its snapshot is older than the indexes.
    const late = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await late.raw('select 1')
    await reader.commit()
    await expect.poll(isRecorded, { timeout: 10_000, interval: 20 }).toBe(true)
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    await replay(database.knex)
    for (let round = 0; round < 8; round += 1) expect(await commandMs()).toBeLessThan(300)
    expect(isMigrated).toBe(false)
    await late.commit()
    await migrated
    expect(await violations(database.knex)).toEqual([])
  })

  test('gives up its locks before the next one begins', async () => {
    await migrateAsBefore(database.knex, (name) => name < '0006')
    await fill(database.knex)
    const reader = await database.knex.transaction()
    await reader.raw('select from shop.wallets limit 1')
    const migrated = migrate(database.knex)
    await expect
      .poll(() => database.knex('shop.migrations').pluck('name'), { timeout: 10_000, interval: 20 })
      .toContain('0006_trace_of_events')
    await database.knex.transaction(async (trx) => {
      await trx.raw(`set local lock_timeout = 1500; update shop.events set attempts = attempts`)
    })
    await reader.commit()
    await migrated
    expect(await violations(database.knex)).toEqual([])
  })

  test('runs from several servers at once', async () => {
    await migrateToRelease(database.knex)
    await Promise.all(Array.from({ length: 4 }, () => migrate(database.knex)))
    expect(await unfinished(database.knex)).toEqual([])
    expect(await violations(database.knex)).toEqual([])
  })

  test.each(['wallet_entries_at', 'orders_coupon_used', 'wallets_lot_end'])(
    'is repeated if it was interrupted while it built %s',
    async (index) => {
      await migrateToRelease(database.knex)
      await migrate(database.knex)
      const done = await catalogue(database.knex)
      // As an interrupted build leaves it: the steps after it are not done.
      await database.knex.raw(
        `update pg_index set indisvalid = false where indexrelid = 'shop.${index}'::regclass;
         drop index shop.wallet_entries_rare;
         alter table shop.wallets drop constraint wallets_lots, add constraint wallets_lots check (lots is null) not valid`,
      )
      expect(await pendingMigrations(database.knex)).toEqual(['0007_money'])
      await Promise.all([migrate(database.knex), migrate(database.knex)])
      expect(await unfinished(database.knex)).toEqual([])
      expect(await pendingMigrations(database.knex)).toEqual([])
      const changed = (await catalogue(database.knex)).filter((each) => !done.includes(each))
      expect(changed).toEqual(['wallets wallets_lots CHECK ((lots IS NULL))'])
    },
  )

  test('waits for an index that a server which has died left the database to build', async () => {
    await migrateToRelease(database.knex)
    await migrateAsBefore(database.knex, (name) => name <= '0007_money')
    const reader = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await reader.raw('select 1')
    const left = database.knex.raw(
      `create index concurrently wallet_entries_by_order on shop.wallet_entries (order_id, kind) where order_id is not null`,
    )
    const building = left.then(() => {})
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    const migrated = migrate(database.knex)
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(2)
    await reader.commit()
    await Promise.all([building, migrated])
    expect(await unfinished(database.knex)).toEqual([])
  })

  test('tells a server that waits for too long', async () => {
    await migrateToRelease(database.knex)
    await migrateAsBefore(database.knex, (name) => name <= '0007_money')
    await database.knex.transaction(async (trx) => {
      await trx.raw('select pg_advisory_xact_lock(746722652)')
      await expect(migrate(database.knex, { waitMs: 200 })).rejects.toMatchObject({ kind: 'busy' })
    })
    await migrate(database.knex)
  })

  test('makes the same schema of an empty shop, at once', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    const upgraded = await catalogue(database.knex)
    const other = await freshDatabase()
    try {
      await migrate(other.knex)
      expect(await catalogue(other.knex)).toEqual(upgraded)
    } finally {
      await other.drop()
    }
  })

  test('down restores the schema of the release before, and what it deletes can be made again', async () => {
    await migrateToRelease(database.knex)
    const before = await catalogue(database.knex)
    await migrate(database.knex)
    for (const migration of migrations.filter(({ name }) => name >= '0007').toReversed()) {
      await database.knex.transaction(async (trx) => migration.down(trx, '"shop"'))
    }
    const notChecked = (text: string) => text.replace(/ NOT VALID$/, '')
    expect((await catalogue(database.knex)).map(notChecked).sort()).toEqual([...before].sort())
  })

  test('down works with rows that only this release writes', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    const shop = shopOn(database.knex)
    const { items } = await shop.orders.list({ status: 'paid', limit: 1 })
    const { orderId = '', lines = [] } = items[0] ?? {}
    const [{ productId = '' } = {}] = lines
    for (const reason of ['one', 'two']) {
      await shop.orders.refund({ orderId, lines: [{ productId, quantity: 1 }], reason })
    }
    await shop.balance.grant({ userId: 'ann', amount: 5, reference: 'gift' })
    await shop.close()
    await migrateDown(database.knex)
    await migrate(database.knex)
    expect(await violations(database.knex)).toEqual([])
  })
})
