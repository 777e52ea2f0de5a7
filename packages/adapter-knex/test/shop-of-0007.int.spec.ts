import { migrate, pendingMigrations } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { migrateAsBefore } from './support/migrate-as-before.js'
import { lockWaits } from './support/open-shop-database.js'
import { changedRows, migrateToRelease, release, replay, shopOn, violations } from './support/release-of-0007.js'
import { catalogue, unfinished } from './support/schema-state.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const after = async () => ({
  balances: await database.knex('shop.wallets').select('user_id', 'balance').orderBy('user_id'),
  stocks: await database.knex('shop.products').select('product_id', 'stock', 'held').orderBy('product_id'),
})

describe('a shop of the release before', () => {
  test('keeps its data, and can use hours, sales, limits and codes', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    expect(await unfinished(database.knex)).toEqual([])
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await changedRows(database.knex)).toEqual([])
    expect(await violations(database.knex)).toEqual([])

    const shop = shopOn(database.knex)
    const hour = 3_600_000
    await shop.products.update({
      productId: 'tea',
      closesAt: release.now + hour,
      sale: { price: 4_000, from: release.now, until: release.now + hour },
      purchaseLimit: 3,
    })
    // Ann has two of her three teas left.
    const order = (quantity: number) => shop.orders.place({ userId: 'ann', products: [{ productId: 'tea', quantity }] })
    await expect(order(2)).rejects.toMatchObject({
      refusal: { code: 'PURCHASE_LIMIT_EXCEEDED', lines: [{ productId: 'tea', limit: 3, bought: 2, requested: 2 }] },
    })
    expect(await order(1)).toMatchObject({ finalAmount: 4_000 })
    expect((await shop.products.drops()).products.map(({ productId }) => productId)).toEqual(['tea'])
    const terms = { discount: { kind: 'fixed', amount: 500 }, quantity: 2, validUntil: release.now + hour } as const
    await shop.coupons.create({
      couponId: 'secret',
      name: 'Secret',
      ...terms,
      validFrom: release.now,
      code: 'Drop-12',
      productIds: ['mug'],
    })
    expect(await shop.coupons.issue({ userId: 'bob', code: 'DROP-12' })).toMatchObject({ couponId: 'secret' })
    expect((await shop.audit()).violations).toEqual([])
    await shop.close()
  })
})

describe('servers of the release before', () => {
  test.each([
    ['after the migration', (knex: Knex) => migrate(knex)],
    ['while indexes are missing', (knex: Knex) => migrateAsBefore(knex, () => true)],
  ] as const)('go on %s', async (_, bring) => {
    await migrateToRelease(database.knex)
    await bring(database.knex)
    await replay(database.knex)
    expect(await after()).toEqual(release.after)
    expect(await violations(database.knex)).toEqual([])
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await unfinished(database.knex)).toEqual([])
    expect(await violations(database.knex)).toEqual([])
  })

  test('cannot lower a regular price to that of its sale', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    const shop = shopOn(database.knex)
    const sale = { price: 4_000, from: release.now, until: release.now + 1_000 }
    await shop.products.update({ productId: 'tea', sale })
    await expect(replay(database.knex, ['reprice'])).rejects.toMatchObject({
      code: '23514',
      constraint: 'products_sale',
    })
    await shop.products.update({ productId: 'tea', sale: { ...sale, price: 3_999 } })
    await replay(database.knex, ['reprice'])
    expect(await shop.products.find({ productId: 'tea' })).toMatchObject({ price: 3_999, regularPrice: 4_000 })
    await shop.close()
  })
})

describe('the migration', () => {
  test('waits only briefly for tables that others read, and builds its indexes beside commands', async () => {
    await migrateToRelease(database.knex)
    const isRecorded = async () => (await database.knex('shop.migrations').pluck('name')).includes('0008_drop')
    const reader = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await reader.raw('select from shop.products limit 1')
    const migrated = migrate(database.knex)
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    await database.knex.transaction(async (trx) => {
      await trx.raw('set local lock_timeout = 1500; lock table shop.products in row exclusive mode')
    })
    expect(await isRecorded()).toBe(false)
    // Its snapshot is older than the indexes.
    const late = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await late.raw('select 1')
    await reader.commit()
    await expect.poll(isRecorded, { timeout: 10_000, interval: 20 }).toBe(true)
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    await replay(database.knex)
    await late.commit()
    await migrated
    expect(await unfinished(database.knex)).toEqual([])
    expect(await after()).toEqual(release.after)
  })

  test('is undone by down', async () => {
    await migrateToRelease(database.knex)
    const before = await catalogue(database.knex)
    await migrate(database.knex)
    for (const migration of migrations.filter(({ name }) => name >= '0008').toReversed())
      await migration.down(database.knex, '"shop"')
    expect(await catalogue(database.knex)).toEqual(before)
  })
})
