import { knexStore, migrate, pendingMigrations } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrateAsBefore } from './support/migrate-as-before.js'
import { changedRows, migrateToRelease, release, replay, shopOn, violations } from './support/release-of-0006.js'
import { unfinished } from './support/schema-state.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const oldRefunds = release.rows['wallet_entries']?.filter(({ kind }) => kind === 'refund') ?? []

describe('a shop of the release before', () => {
  test('keeps its data, and its refunds get a record', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    expect(await unfinished(database.knex)).toEqual([])
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await violations(database.knex)).toEqual([])
    expect(await changedRows(database.knex)).toEqual([])
    expect(oldRefunds.length).toBeGreaterThan(1)
    for (const { order_id: orderId, entry_id: refundId, amount, at } of oldRefunds) {
      const { found: order } = await knexStore(database.knex).reads.order(orderId as string)
      expect(order).toMatchObject({
        status: 'refunded',
        refundedAmount: amount,
        sources: null,
        refunds: [{ refundId, amount, bonusAmount: 0, restocked: true, reason: null, at: Date.parse(at as string) }],
      })
      const lines = order?.refunds?.[0]?.lines ?? []
      expect(lines.map(({ productId, quantity }) => [productId, quantity])).toEqual(
        order?.lines.map(({ productId, quantity }) => [productId, quantity]),
      )
      expect(lines.reduce((sum, line) => sum + line.amount, 0)).toBe(amount)
    }
  })

  test('can be refunded in parts, to the last won', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    const shop = shopOn(database.knex)
    const { items } = await shop.orders.list({ status: 'paid', limit: 100 })
    expect(items.filter(({ discountAmount }) => discountAmount > 0)).not.toEqual([])
    for (const { orderId, userId, lines, finalAmount } of items) {
      const { balance } = await shop.balance.get({ userId })
      for (const { productId, quantity } of lines) {
        for (let unit = 1; unit <= quantity; unit += 1) {
          await shop.orders.refund({ orderId, lines: [{ productId, quantity: 1 }], restock: unit % 2 === 0 })
        }
      }
      expect(await shop.orders.get({ orderId })).toMatchObject({ status: 'refunded', refundedAmount: finalAmount })
      expect(await shop.balance.get({ userId })).toEqual({ userId, balance: balance + finalAmount })
    }
    expect((await shop.audit()).violations).toEqual([])
    await shop.close()
  })
})

describe('servers of the release before', () => {
  const refundOfTheirs = async () =>
    (await knexStore(database.knex).reads.order(release.refundedLater)).found?.refunds ?? null

  test('go on after the migration; the next start, or upkeep, records their refunds', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    await replay(database.knex)
    expect(await database.knex('shop.wallets').select('user_id', 'balance').orderBy('user_id')).toEqual(
      release.after['balances'],
    )
    expect(await refundOfTheirs()).toBeNull()
    expect(await violations(database.knex)).toEqual([])
    // Not a reason to migrate by hand.
    expect(await pendingMigrations(database.knex)).toEqual([])

    await database.knex.transaction(async (trx) => {
      await trx.raw(`select from shop.orders where order_id = ? for update`, [release.refundedLater])
      await migrate(database.knex)
      expect(await refundOfTheirs()).toBeNull()
    })
    const retention = { outcomesMs: 1e12, sentEventsMs: 1e12, groupsMs: 1e12 }
    await knexStore(database.knex).upkeep.purge(retention, 10)
    expect(await refundOfTheirs()).toMatchObject([{ restocked: true, bonusAmount: 0 }])
    expect(await violations(database.knex)).toEqual([])
  })

  test('go on while indexes are missing', async () => {
    await migrateToRelease(database.knex)
    // Only the transactions.
    await migrateAsBefore(database.knex, () => true)
    expect(await pendingMigrations(database.knex)).toEqual([
      '0007_money',
      '0008_drop',
      '0010_events',
      '0011_history',
      '0012_payments',
      '0013_deadlines',
    ])
    await replay(database.knex)
    expect(await violations(database.knex)).toEqual([])
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await refundOfTheirs()).toHaveLength(1)
    expect(await violations(database.knex)).toEqual([])
  })

  test('cannot refund the whole of an order that was refunded in part, nor spend bonus money as paid money', async () => {
    await migrateToRelease(database.knex)
    await migrate(database.knex)
    await replay(database.knex, ['place', 'pay'])
    const shop = shopOn(database.knex)
    await shop.orders.refund({ orderId: release.refundedLater, lines: [{ productId: 'tea', quantity: 1 }] })
    await expect(replay(database.knex, ['refund'])).rejects.toMatchObject({
      code: '23514',
      constraint: 'orders_refunds',
    })
    const { balance } = await shop.balance.get({ userId: 'bob' })
    await shop.balance.adjust({ userId: 'bob', change: -balance, reason: 'spent' })
    await shop.balance.grant({ userId: 'bob', amount: 1_000_000 })
    await expect(replay(database.knex, ['payWaiting'])).rejects.toMatchObject({
      code: '23514',
      constraint: 'wallets_lots',
    })
    expect((await shop.audit()).violations).toEqual([])
    await shop.close()
  })
})
