import { migrate, pendingMigrations } from '@shop/adapter-knex'
import { recordLostHistory } from '@shop/core/commands'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { changedRows, migrateToRelease, release, replay, shopOn, violations } from './support/release-of-0010.js'
import { catalogue, unfinished } from './support/schema-state.js'
import { expectShortWaits } from './support/short-waits.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
  await migrateToRelease(database.knex)
})
afterEach(() => database.drop())

const loss = {
  lossId: 'group-1',
  groups: 2,
  commands: 3,
  firstAt: release.now - 9,
  lastAt: release.now,
  fromHistory: '1',
  toHistory: '2',
  orderIds: ['o2', 'o1'],
  isPartial: false,
}

const shown = { ...loss, firstAt: expect.any(String), lastAt: expect.any(String) }

const after = async () => ({
  balances: await database.knex('shop.wallets').select('user_id', 'balance').orderBy('user_id'),
  stocks: await database.knex('shop.products').select('product_id', 'stock', 'held').orderBy('product_id'),
  events: await database
    .knex('shop.events')
    .select('type')
    .count('* as number')
    .whereNot('type', 'history.lost')
    .groupBy('type')
    .orderBy('type'),
})

const isRecorded = async () => (await database.knex('shop.migrations').pluck('name')).includes('0011_history')

describe('a shop of the release before', () => {
  test('keeps its data, and can record a loss of its history', async () => {
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await unfinished(database.knex)).toEqual([])
    expect(await changedRows(database.knex)).toEqual([])
    const shop = shopOn(database.knex)
    expect(await shop.execute(recordLostHistory, loss)).toMatchObject({ ok: true, result: shown })
    expect((await shop.history.losses({ open: true })).items).toMatchObject([shown])
    const { items } = await shop.outbox.list({ limit: 1 })
    expect(items).toMatchObject([
      { type: 'history.lost', subject: 'history', subjectId: 'group-1', data: { orderIds: loss.orderIds } },
    ])
    expect((await violations(database.knex)).map(({ law }) => law)).toEqual(['HISTORY-KEPT'])
    await shop.history.acknowledge({ lossId: 'group-1', note: '알림' })
    expect((await shop.history.losses()).items).toMatchObject([{ note: '알림', acknowledgedAt: expect.any(String) }])
    expect(await violations(database.knex)).toEqual([])
    await shop.close()
  })
})

describe('servers of the release before', () => {
  test('go on after the migration, beside a loss and its event', async () => {
    await migrate(database.knex)
    const shop = shopOn(database.knex)
    await shop.execute(recordLostHistory, loss)
    await replay(database.knex)
    expect(await after()).toEqual(release.after)
    await shop.history.acknowledge({ lossId: 'group-1' })
    await shop.close()
    expect(await violations(database.knex)).toEqual([])
  })
})

describe('the migration', () => {
  test('waits only briefly for the one table that others read', async () => {
    const reader = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await reader.raw('select from shop.events limit 1')
    const migrated = migrate(database.knex)
    await expectShortWaits(database.knex, ['events', 'orders', 'wallets', 'groups'])
    expect(await isRecorded()).toBe(false)
    await replay(database.knex)
    await reader.commit()
    await migrated
    expect(await isRecorded()).toBe(true)
    expect(await unfinished(database.knex)).toEqual([])
    expect(await after()).toEqual(release.after)
  })

  test('is undone by down, with the events that the release before does not know', async () => {
    const before = await catalogue(database.knex)
    await migrate(database.knex)
    const shop = shopOn(database.knex)
    await shop.execute(recordLostHistory, loss)
    await shop.close()
    for (const migration of migrations.filter(({ name }) => name >= '0011').toReversed())
      await migration.down(database.knex, '"shop"')
    expect(await catalogue(database.knex)).toEqual(before)
    expect(await database.knex('shop.events').where('type', 'history.lost')).toEqual([])
  })
})
