import { knexSources } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { dayOf } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase
const timeZone = 'Asia/Seoul'

beforeAll(async () => {
  database = await openShopDatabase()
})
beforeEach(() => database.clear())
afterAll(() => database.drop())

const open = () => {
  const knex = database.connect()
  return { sources: knexSources(knex), shop: createShop({ store: database.store() }), knex }
}

test('the id stays with the data and changes when the data is replaced', async () => {
  const { sources, knex } = open()
  const { id, place, now } = await sources.database()
  expect([id, place]).toEqual([expect.stringMatching(/^[\w.]+$/), expect.stringMatching(/^[\w.]+$/)])
  expect(Math.abs(now - Date.now())).toBeLessThan(60_000)
  expect((await sources.database()).id).toBe(id)
  await knex.raw('truncate shop.issued_coupons')
  const after = await sources.database()
  expect(after.id).not.toBe(id)
  expect(after.place).toBe(place)
})

test('an ordinary user of the database may read it', async () => {
  const { knex } = open()
  await knex.raw('drop role if exists plain_reader')
  await knex.raw('create role plain_reader')
  try {
    await knex.raw('grant usage on schema shop to plain_reader')
    await knex.transaction(async (trx) => {
      await trx.raw('set local role plain_reader')
      const { rows } = await trx.raw(
        'select (select system_identifier from pg_control_system()), pg_walfile_name(pg_current_wal_lsn()), pg_postmaster_start_time()',
      )
      expect(rows).toHaveLength(1)
    })
  } finally {
    await knex.raw('drop owned by plain_reader')
    await knex.raw('drop role plain_reader')
  }
})

test('a server that hides its log has an id all the same, and keeps its connections', async () => {
  const { knex } = open()
  await knex.raw(`create schema hosted; create function hosted.pg_current_wal_lsn() returns pg_lsn language plpgsql
    as $$ begin raise 'wal_level must be set to logical' using errcode = 'object_not_in_prerequisite_state'; end $$`)
  try {
    const hosted = database.connect({ pool: { max: 1 } })
    await hosted.raw('set search_path = hosted, pg_catalog')
    const backend = async () => (await hosted.raw('select pg_backend_pid() as pid')).rows[0].pid
    const before = await backend()
    const { id, place } = await knexSources(hosted).database()
    expect(id.startsWith(`${place}.1.`)).toBe(true)
    expect(await backend()).toBe(before)
  } finally {
    await knex.raw('drop schema hosted cascade')
  }
})

test('two databases and two schemas have ids of their own', async () => {
  const other = await openShopDatabase({ schema: 'elsewhere' })
  try {
    const there = await knexSources(other.connect(), { schema: 'elsewhere' }).database()
    const here = await open().sources.database()
    expect([there.id === here.id, there.place === here.place]).toEqual([false, false])
  } finally {
    await other.drop()
  }
})

test('users of a coupon are listed by id, page by page', async () => {
  const { sources, shop } = open()
  const { couponId } = await shop.coupons.create({
    name: 'Opening',
    discount: { kind: 'fixed', amount: 1 },
    quantity: 9,
    validUntil: Date.now() + 60_000,
  })
  for (const userId of ['b', 'a', 'B', 'c']) await shop.coupons.issue({ couponId, userId })
  expect(await sources.issuedUsers({ couponId, limit: 2 })).toEqual(['B', 'a'])
  expect(await sources.issuedUsers({ couponId, after: 'a', limit: 9 })).toEqual(['b', 'c'])
  expect(await sources.issuedUsers({ couponId: 'another', limit: 9 })).toEqual([])
})

test('a day’s sums hold every product, and rankables only the listed ones', async () => {
  const { sources, shop } = open()
  for (const productId of ['mug', 'cup']) {
    await shop.products.create({ productId, name: productId, price: 0, stock: 9 })
    const products = [{ productId, quantity: productId === 'mug' ? 2 : 3 }]
    const { orderId } = await shop.orders.place({ userId: 'mina', products })
    await shop.payments.pay({ userId: 'mina', orderId })
  }
  await shop.products.update({ productId: 'cup', listed: false })
  await shop.products.get({ productId: 'mug' })
  await shop.upkeep.flushViews()
  const { now } = await sources.database()
  expect(await sources.dailySums(dayOf(now, timeZone), timeZone)).toEqual(
    new Map([
      ['mug', 2],
      ['cup', 3],
    ]),
  )
  expect(await sources.dailySums('2020-01-01', timeZone)).toEqual(new Map())
  expect(await sources.rankables(['mug', 'cup', 'none'])).toEqual([
    { productId: 'mug', name: 'mug', price: 0, views: 1, createdAt: expect.any(Number) },
  ])
})
