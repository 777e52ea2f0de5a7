import { migrate, pendingMigrations } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { changedRows, migrateToRelease, release, replay, shopOn, violations } from './support/release-of-0011.js'
import { catalogue, unfinished } from './support/schema-state.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
  await migrateToRelease(database.knex)
})
afterEach(() => database.drop())

const after = async (sales = 'shop.sales_of_days') => ({
  balances: await database.knex('shop.wallets').select('user_id', 'balance').orderBy('user_id'),
  stocks: await database.knex('shop.products').select('product_id', 'stock', 'held').orderBy('product_id'),
  sales: await database
    .knex(sales)
    .select('product_id')
    .sum('sold as sold')
    .groupBy('product_id')
    .orderBy('product_id'),
  payments: await database.knex('shop.payments').select('order_id', 'amount').orderBy('order_id'),
})

const newer = migrations.filter(({ name }) => name > '0012')

const revert = async (name: string) => {
  await migrations.find((each) => each.name === name)?.down(database.knex, '"shop"')
  await database.knex('shop.migrations').where({ name }).delete()
}

const orderIn = (status: string) =>
  release.rows['orders']?.find((row) => row['status'] === status) as { order_id: string; user_id: string }

describe('a shop of the release before', () => {
  test('has orders in every state', () => {
    const statuses = new Set(release.rows['orders']?.map(({ status }) => status))
    expect([...statuses].sort()).toEqual(['cancelled', 'expired', 'failed', 'paid', 'pending', 'refunded'])
  })

  test('keeps its data, and its orders are paid and refunded', async () => {
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await unfinished(database.knex)).toEqual([])
    expect(await changedRows(database.knex)).toEqual([])
    expect(await violations(database.knex)).toEqual([])
    const shop = shopOn(database.knex)
    const { order_id: orderId, user_id: userId } = orderIn('pending')
    const { paymentId } = await shop.payments.pay({ userId, orderId })
    expect(await shop.payments.get({ paymentId })).toMatchObject({ orderId, userId })
    await shop.orders.refund({ orderId: orderIn('paid').order_id })
    await shop.upkeep.refreshRanking()
    await shop.close()
    expect(await violations(database.knex)).toEqual([])
  })
})

describe('servers of the release before', () => {
  test('go on after the migration', async () => {
    await migrate(database.knex)
    await replay(database.knex)
    expect(await after()).toEqual(release.after)
    expect(await violations(database.knex)).toEqual([])
  })

  test('go on beside this release, which counts what both have sold', async () => {
    await migrate(database.knex)
    await replay(database.knex, ['charge', 'issue'])
    const shop = shopOn(database.knex)
    await shop.products.create({ productId: 'cup', name: 'Cup', price: 3_000, stock: 5 })
    const { orderId } = await shop.orders.place({ userId: 'dan', products: [{ productId: 'cup', quantity: 2 }] })
    await shop.payments.pay({ userId: 'dan', orderId })
    await replay(database.knex, ['place', 'pay'])
    await shop.upkeep.refreshRanking()
    await shop.close()
    await replay(database.knex, ['get', 'refund', 'cancel'])
    const { sales, payments } = await after()
    expect(sales).toEqual([{ product_id: 'cup', sold: '2' }, ...(release.after['sales'] ?? [])])
    expect(payments).toHaveLength((release.after['payments']?.length ?? 0) + 1)
    expect(await violations(database.knex)).toEqual([])
  })
})

describe('the migrations', () => {
  test.each(newer)('$name is undone by down with the rows since, and done again', async ({ name }) => {
    await migrate(database.knex)
    await replay(database.knex)
    const before = await catalogue(database.knex)
    await revert(name)
    expect(await catalogue(database.knex)).not.toEqual(before)
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await catalogue(database.knex)).toEqual(before)
    expect(await after()).toEqual(release.after)
    expect(await violations(database.knex)).toEqual([])
  })

  test('are all undone by down, so that the release before goes on', async () => {
    const before = await catalogue(database.knex)
    await migrate(database.knex)
    for (const { name } of newer.toReversed()) await revert(name)
    expect(await catalogue(database.knex)).toEqual(before)
    await replay(database.knex)
    expect(await after('shop.daily_sales')).toEqual(release.after)
    await migrate(database.knex)
    expect(await after()).toEqual(release.after)
    expect(await violations(database.knex)).toEqual([])
  })
})
