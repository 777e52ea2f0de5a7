import { createShop, type EventDataOf, isShopRefusal, resolvePolicies, type Shop } from '@shop/core'
import { laws } from '@shop/core/store'
import { type ManualClock, manualClock } from '@shop/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Breakage, curable, type Orders, reportable } from './support/breakages.js'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'
import { noon } from './support/rows.js'

let database: ShopDatabase
let shop: Shop
let clock: ManualClock

const policies = resolvePolicies('standard', { refund: { whenMinimumIsMissed: 'withdraw-discount' } })

const openShop = (): Shop => createShop({ store: database.store({ clock }), policies })

beforeAll(async () => {
  database = await openShopDatabase()
  // A broken database may lack the constraints, too.
  await database.knex.raw(`do $$ declare each record; begin
    for each in select conrelid::regclass as its, conname from pg_constraint
      where contype = 'c' and connamespace = 'shop'::regnamespace
    loop execute format('alter table %s drop constraint %I', each.its, each.conname); end loop; end $$`)
})
afterAll(() => database.drop())

let orders: Orders

const place = async (userId: string, quantity: number, couponId?: string): Promise<string> =>
  (await shop.orders.place({ userId, products: [{ productId: 'tea', quantity }], couponId })).orderId

beforeEach(async () => {
  await database.clear()
  clock = manualClock(noon)
  shop = openShop()
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 1_000, stock: 50 })
  const terms = { discount: { kind: 'fixed', amount: 100 }, quantity: 5, validUntil: noon + 86_400_000 } as const
  await shop.coupons.create({ couponId: 'ten', name: 'Ten', ...terms })
  for (const userId of ['ann', 'bob', 'cat']) {
    await shop.balance.charge({ userId, amount: 20_000, reference: `pay-${userId}` })
    await shop.coupons.issue({ userId, couponId: 'ten' })
  }
  await shop.balance.grant({ userId: 'bob', amount: 700, expiresAt: noon + 3_600_000 })
  await shop.balance.grant({ userId: 'bob', amount: 900 })
  await shop.balance.grant({ userId: 'cat', amount: 500, expiresAt: noon + 60_000 })
  orders = {
    paid: await place('ann', 2, 'ten'),
    parts: await place('ann', 3),
    lots: await place('bob', 1),
    open: await place('cat', 4, 'ten'),
    gone: await place('cat', 1),
  }
  for (const [userId, orderId] of [
    ['ann', orders.paid],
    ['ann', orders.parts],
    ['bob', orders.lots],
  ] as const)
    await shop.payments.pay({ userId, orderId })
  for (let units = 0; units < 2; units += 1) {
    const reference = units === 0 ? 'rma-1' : undefined
    await shop.orders.refund({ orderId: orders.parts, lines: [{ productId: 'tea', quantity: 1 }], reference })
  }
  await shop.orders.cancel({ orderId: orders.gone })
})

const breakBy = async ({ sql, ms = 0 }: Breakage): Promise<void> => {
  clock.move(ms)
  if (sql) await database.knex.raw(sql(orders))
}

const repairs = (): Promise<{ law: string; subject: string }[]> =>
  database.knex.select('law', 'subject').from('shop.repairs').orderBy('at')

const brokenLaws = async (): Promise<readonly string[]> => (await shop.audit()).violations.map(({ law }) => law)

test('the shop of these tests is sound', async () => {
  expect(await shop.audit()).toMatchObject({ ok: true, violations: [] })
})

test('every stored law is broken here', () => {
  expect(new Set([...curable, ...reportable].map(({ law }) => law))).toEqual(new Set(laws.map(({ id }) => id)))
})

describe('repairs', () => {
  test.each(curable)('$law: $name', async (breakage) => {
    await breakBy(breakage)
    expect(await brokenLaws()).toContain(breakage.law)
    const dry = await shop.repair({ dryRun: true })
    expect(dry).toMatchObject({ ok: false, dryRun: true, left: [] })
    expect(dry.cures.map(({ law }) => law)).toContain(breakage.law)
    expect(await repairs()).toEqual([])

    const report = await shop.repair()
    expect(report).toMatchObject({ ok: true, left: [] })
    expect(await shop.audit()).toMatchObject({ ok: true, violations: [] })
    const recorded = await repairs()
    expect(recorded.map(({ law }) => law)).toContain(breakage.curedAs ?? breakage.law)
    expect(recorded).toHaveLength(report.cures.length)
    expect(await shop.repair()).toEqual({ ok: true, dryRun: false, cures: [], left: [] })
  })
})

describe('only reports', () => {
  test.each(reportable)('$law: $name', async (breakage) => {
    await breakBy(breakage)
    const before = await brokenLaws()
    expect(before).toContain(breakage.law)
    const report = await shop.repair()
    expect(report.ok).toBe(false)
    expect(report.left.map(({ law }) => law)).toContain(breakage.law)
    expect(report.cures.map(({ law }) => law)).not.toContain(breakage.law)
  })
})

test('writes a missing event as the order was then', async () => {
  await database.knex.raw(`delete from shop.events where order_id = '${orders.parts}' and sequence < 3`)
  await shop.repair()
  const { items } = await shop.outbox.list({ limit: 100 })
  const written = items.filter(({ orderId }) => orderId === orders.parts).sort((a, b) => a.sequence - b.sequence)
  const told = written.map(({ type, data }) => [type, data as EventDataOf<'order.paid'>] as const)
  expect(
    told.map(([type, data]) => [type, data.status, data.refundedAmount, data.refunds?.length, data.sequence]),
  ).toEqual([
    ['order.paid', 'paid', undefined, undefined, 1],
    ['order.partially-refunded', 'paid', 1_000, 1, 2],
    ['order.partially-refunded', 'paid', 2_000, 2, 3],
  ])
})

test('two repairs at once cure a violation once', async () => {
  await database.knex.raw('update shop.products set held = held + 3')
  const settled = await Promise.allSettled([shop, openShop(), openShop()].map((each) => each.repair()))
  for (const each of settled) {
    const isSuperseded =
      each.status === 'rejected' && isShopRefusal(each.reason) && each.reason.code === 'LEADERSHIP_LOST'
    expect(each.status === 'fulfilled' || isSuperseded).toBe(true)
  }
  expect(await repairs()).toEqual([{ law: 'STOCK-HELD', subject: 'product tea' }])
  expect(await shop.audit()).toMatchObject({ ok: true })
})

test('changes nothing in a healthy shop under load', async () => {
  let isRunning = true
  let done = 0
  const customer = async (name: number): Promise<void> => {
    const userId = `customer-${name}`
    while (isRunning) {
      await shop.balance.charge({ userId, amount: 2_000 })
      const { orderId } = await shop.orders.place({ userId, products: [{ productId: 'tea', quantity: 1 }] })
      await shop.payments.pay({ userId, orderId })
      await shop.orders.refund({ orderId })
      await shop.balance.withdraw({ userId, amount: 2_000 })
      done += 1
    }
  }
  const customers = Array.from({ length: 8 }, (_, name) => customer(name))
  const reports = []
  while (reports.length < 5 || done < 40) reports.push(await shop.repair())
  isRunning = false
  await Promise.all(customers)
  for (const report of reports) expect(report).toEqual({ ok: true, dryRun: false, cures: [], left: [] })
  expect(await repairs()).toEqual([])
  expect(await database.knex.from('shop.fences')).toEqual([])
})
