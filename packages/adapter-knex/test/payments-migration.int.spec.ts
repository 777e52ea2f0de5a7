import { migrate, pendingMigrations } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { migrateAsBefore } from './support/migrate-as-before.js'
import { lockWaits } from './support/open-shop-database.js'
import { changedRows, migrateToRelease, release, replay, shopOn, violations } from './support/release-of-0011.js'
import { catalogue, unfinished } from './support/schema-state.js'
import { expectShortWaits } from './support/short-waits.js'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
  await migrateToRelease(database.knex)
})
afterEach(() => database.drop())

interface PaymentRow {
  readonly payment_id: string
  readonly order_id: string
  readonly balance: string
}

const rowsOf = async (sql: string, ...values: readonly string[]) => (await database.knex.raw(sql, values)).rows

const payments = (): Promise<readonly PaymentRow[]> => rowsOf('select * from shop.payments order by paid_at, order_id')

const isThere = async (relation: string): Promise<boolean> =>
  (await rowsOf(`select to_regclass('shop.${relation}') is not null as there`))[0].there

/** What servers of the release before ask of payments: by id, by order in the audit, and by time in a statement. */
const oldReads = {
  byId: `select p.payment_id, p.balance, o.order_id from (select 1 as one) clock
    left join (shop.payments p join shop.orders o using (order_id)) on p.payment_id = ?`,
  byOrder: `select (select json_agg(json_build_array(p.payment_id, p.order_id, p.user_id, p.amount, p.balance) order by p.payment_id)
    from shop.payments p where p.order_id = o.order_id) as payments from shop.orders o where o.order_id = ?`,
  byTime: `select order_id from shop.payments where paid_at >= ?::timestamptz and paid_at < 'infinity'`,
}

/** An order of `ann` that this release places and pays. */
const buy = async () => {
  const shop = shopOn(database.knex)
  const { orderId } = await shop.orders.place({ userId: 'ann', products: [{ productId: 'tea', quantity: 1 }] })
  const paid = await shop.payments.pay({ userId: 'ann', orderId })
  await shop.close()
  return paid
}

const down = async () => {
  for (const migration of migrations.filter(({ name }) => name >= '0012').toReversed())
    await migration.down(database.knex, '"shop"')
}

describe('a shop of the release before', () => {
  test('keeps every payment, derived from its order and its entry', async () => {
    const before = await payments()
    expect(before.length).toBeGreaterThan(0)
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await unfinished(database.knex)).toEqual([])
    expect(await payments()).toEqual(before)
    expect(await changedRows(database.knex)).toEqual([])
    expect(await isThere('payments_before')).toBe(false)
    const shop = shopOn(database.knex)
    const [{ payment_id: paymentId, order_id: orderId, balance } = { payment_id: '', order_id: '', balance: '' }] =
      before
    expect(await shop.payments.get({ paymentId })).toMatchObject({ paymentId, orderId, balance: Number(balance) })
    await shop.close()
    expect(await violations(database.knex)).toEqual([])
  })

  test('keeps the table of which a row says something else', async () => {
    await rowsOf('update shop.payments set balance = balance + 1')
    const before = await payments()
    await migrate(database.knex)
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await rowsOf('select * from shop.payments_before')).toEqual(before)
    const [{ comment }] = await rowsOf(`select obj_description('shop.payments_before'::regclass) as comment`)
    expect(comment).toBe(
      '3 of these payments are not what orders and wallet_entries say. Nothing of the shop reads this table.',
    )
    const { paymentId } = await buy()
    await down()
    expect(await payments()).toEqual([...before, expect.objectContaining({ payment_id: paymentId })])
  })
})

describe('servers of the release before', () => {
  test('go on: what they insert is there once, and they see the payments of both', async () => {
    await migrate(database.knex)
    const before = await payments()
    await replay(database.knex)
    const { paymentId, orderId, balance, paidAt } = await buy()
    const all = await payments()
    expect(all).toHaveLength(before.length + 2)
    for (const { payment_id, order_id, balance } of all) {
      expect(await rowsOf(oldReads.byId, payment_id)).toMatchObject([{ payment_id, order_id, balance }])
      const [{ payments: shown }] = await rowsOf(oldReads.byOrder, order_id)
      expect(shown).toMatchObject([[payment_id, order_id, expect.any(String), expect.any(Number), Number(balance)]])
    }
    expect(all).toContainEqual(
      expect.objectContaining({ payment_id: paymentId, order_id: orderId, balance: String(balance) }),
    )
    expect(await rowsOf(oldReads.byTime, paidAt)).toContainEqual({ order_id: orderId })
    expect(await rowsOf(oldReads.byTime, '2100-01-01')).toEqual([])
    expect(await violations(database.knex)).toEqual([])
  })

  test('look up payments by an index, in every way', async () => {
    await migrate(database.knex)
    await rowsOf(`insert into shop.orders (order_id, user_id, status, lines, dropped_lines, total_amount, discount_amount,
        final_amount, stock_taken_at, coupon_consumed_at, created_at, paid_at, payment_id, events)
      select 'past-' || n, 'ann', 'paid', o.lines, '[]', 5, 0, 5, 'order', 'order', at, at, 'payment-' || n, 1
      from generate_series(1, 20000) n, lateral (select timestamptz '2024-01-01' + n * interval '1 minute' as at) t,
        (select lines from shop.orders limit 1) o`)
    await rowsOf(`insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, order_id, at)
      select 'ann', 100 + n, 'past-entry-' || n, 'payment', -5, 5, 'past-' || n, timestamptz '2024-01-01' + n * interval '1 minute'
      from generate_series(1, 20000) n`)
    await rowsOf('vacuum analyze shop.orders, shop.wallet_entries')
    const planOf = async (sql: string, value: string) =>
      (await rowsOf(`explain ${sql}`, value)).map((row: Record<string, string>) => row['QUERY PLAN']).join('\n')
    for (const sql of [oldReads.byId, oldReads.byOrder]) {
      expect(await planOf(sql, 'some')).toContain('wallet_entries_of_orders')
      expect(await planOf(sql, 'some')).not.toContain('Seq Scan')
    }
    expect(await planOf(oldReads.byId, 'some')).toContain('orders_payment_id')
    expect(await planOf(oldReads.byTime, '2024-01-14 20:00:00Z')).toContain('wallet_entries_at')
  })

  test('keep the privileges that a role had been granted', async () => {
    const role = `till_${Date.now()}`
    await database.knex.raw(`create role ${role}; grant usage on schema shop to ${role};
      grant select, insert on shop.payments to ${role}; grant select on shop.payments to public`)
    try {
      await migrate(database.knex)
      const [found] = await rowsOf(
        `select has_table_privilege('${role}', 'shop.payments', 'select') as reads,
           has_table_privilege('${role}', 'shop.payments', 'insert') as inserts,
           has_table_privilege('${role}', 'shop.payments', 'delete') as deletes`,
      )
      expect(found).toEqual({ reads: true, inserts: true, deletes: false })
    } finally {
      await database.knex.raw(`drop owned by ${role}; drop role ${role}`)
    }
  })
})

describe('the migration', () => {
  const isRecorded = async () => (await database.knex('shop.migrations').pluck('name')).includes('0012_payments')

  test('waits only briefly for the table that others read', async () => {
    const reader = await database.knex.transaction()
    await reader.raw('select from shop.payments limit 1')
    const migrated = migrate(database.knex)
    await expectShortWaits(database.knex, ['payments', 'orders', 'wallet_entries', 'wallets'])
    expect(await isRecorded()).toBe(false)
    await replay(database.knex)
    await reader.commit()
    await migrated
    expect(await unfinished(database.knex)).toEqual([])
    expect(await payments()).toHaveLength(release.after['payments']?.length ?? 0)
    expect(await violations(database.knex)).toEqual([])
  })

  test('has both guards before the table is gone, and the new ones are built while commands go on', async () => {
    const writer = await database.knex.transaction()
    await writer.raw('update shop.orders set events = events; update shop.wallet_entries set balance = balance')
    const migrated = migrate(database.knex)
    await expect.poll(() => lockWaits(database.knex), { timeout: 10_000, interval: 20 }).toBe(1)
    expect(await isRecorded()).toBe(false)
    await replay(database.knex, ['charge'])
    await writer.commit()
    await migrated
    expect(await unfinished(database.knex)).toEqual([])
  })

  test('is finished by the next one if it was interrupted after its commit', async () => {
    await migrateAsBefore(database.knex, (name) => name <= '0012_payments')
    expect(await isThere('payments_before')).toBe(true)
    expect(await pendingMigrations(database.knex)).toContain('0012_payments')
    await replay(database.knex)
    await Promise.all([migrate(database.knex), migrate(database.knex)])
    expect(await pendingMigrations(database.knex)).toEqual([])
    expect(await isThere('payments_before')).toBe(false)
    expect(await isThere('wallet_entries_by_order')).toBe(false)
    expect(await violations(database.knex)).toEqual([])
  })

  test('is undone by down, with the payments since', async () => {
    const before = await catalogue(database.knex)
    await migrate(database.knex)
    await replay(database.knex, ['place', 'pay'])
    await buy()
    const all = await payments()
    await down()
    expect(await catalogue(database.knex)).toEqual(before)
    expect(await payments()).toEqual(all)
    expect(all.length).toBe((release.rows['payments']?.length ?? 0) + 2)
  })
})
