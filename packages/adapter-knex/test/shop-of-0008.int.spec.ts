import { migrate, pendingMigrations } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { lockWaits } from './support/open-shop-database.js'
import { changedRows, migrateToRelease, release, replay, shopOn, violations } from './support/release-of-0008.js'
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
  test('keeps its data, and can use metadata and own order ids', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    expect(await unfinished(database.knex)).toEqual([])
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await changedRows(database.knex)).toEqual([])
    expect(await violations(database.knex)).toEqual([])

    const shop = shopOn(database.knex)
    const { items } = await shop.orders.list({ userId: 'ann' })
    for (const order of items) expect(order).not.toHaveProperty('metadata')
    const [{ orderId } = { orderId: '' }] = items
    expect(await shop.orders.update({ orderId, metadata: { packed: 'yes' } })).toMatchObject({
      metadata: { packed: 'yes' },
    })
    await shop.coupons.update({ couponId: 'opening', metadata: { series: 'May' } })
    const copies = (await shop.coupons.ofUser({ userId: 'ann' })).items
    expect(copies.find(({ couponId }) => couponId === 'opening')?.metadata).toEqual({ series: 'May' })
    expect(copies.find(({ couponId }) => couponId === 'tea-only')).not.toHaveProperty('metadata')
    const products = [{ productId: 'tea', quantity: 1 }]
    await expect(shop.orders.place({ userId: 'bob', products, orderId })).rejects.toMatchObject({
      refusal: { code: 'ORDER_ALREADY_EXISTS', orderId },
    })
    await shop.orders.place({ userId: 'bob', products, orderId: 'web-1', metadata: { gift: '1' } })
    expect(await shop.orders.get({ orderId: 'web-1' })).toMatchObject({ metadata: { gift: '1' } })
    expect((await shop.audit()).violations).toEqual([])
    await shop.close()
  })
})

describe('servers of the release before', () => {
  test('go on after the migration, and leave metadata as it is', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    const shop = shopOn(database.knex)
    const [{ orderId } = { orderId: '' }] = (await shop.orders.list({ userId: 'bob' })).items
    const metadata = { 'z.first': '1', a: '안녕' }
    await shop.orders.update({ orderId, metadata })
    await shop.coupons.update({ couponId: 'opening', metadata })
    await replay(database.knex)
    expect(await after()).toEqual(release.after)
    expect(await shop.orders.get({ orderId })).toMatchObject({ status: 'refunded' })
    expect(JSON.stringify((await shop.orders.get({ orderId })).metadata)).toBe(JSON.stringify(metadata))
    expect(await shop.coupons.get({ couponId: 'opening' })).toMatchObject({ quantity: 20, metadata })
    await shop.close()
    expect(await violations(database.knex)).toEqual([])
  })
})

describe('the migration', () => {
  test('waits only briefly for tables that others read', async () => {
    await migrateToRelease(database.knex)
    const isRecorded = async () => (await database.knex('shop.migrations').pluck('name')).includes('0009_metadata')
    const reader = await database.knex.transaction(undefined, { isolationLevel: 'repeatable read' })
    await reader.raw('select from shop.coupons limit 1')
    const migrated = migrate(database.knex)
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    await database.knex.transaction(async (trx) => {
      await trx.raw('set local lock_timeout = 1500; lock table shop.orders, shop.coupons in row exclusive mode')
    })
    expect(await isRecorded()).toBe(false)
    await replay(database.knex)
    await reader.commit()
    await migrated
    expect(await isRecorded()).toBe(true)
    expect(await after()).toEqual(release.after)
    expect(await violations(database.knex)).toEqual([])
  })

  test('is undone by down', async () => {
    await migrateToRelease(database.knex)
    const before = await catalogue(database.knex)
    await migrate(database.knex)
    for (const migration of migrations.filter(({ name }) => name >= '0009').toReversed())
      await migration.down(database.knex, '"shop"')
    expect(await catalogue(database.knex)).toEqual(before)
  })
})
