import { type KnexStoreOptions, knexStore } from '@shop/adapter-knex'
import { createShop, isShopUnavailable, type OrderView } from '@shop/core'
import { placeOrder } from '@shop/core/commands'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
  await database.knex.raw('create table notes (order_id text primary key references shop.orders, note text)')
  await database.knex.raw(`alter table notes add check (note <> 'wrong')`)
})
afterAll(() => database.drop())
beforeEach(async () => {
  await database.knex.raw('truncate notes')
  await database.knex.raw('delete from shop.holds')
  await database.knex.raw('delete from shop.orders')
  await database.knex.raw('delete from shop.products')
})

const open = async (options: KnexStoreOptions = {}) => {
  const companions = { notes: { columns: { order_id: 'text', note: 'text' } } }
  const shop = createShop({ store: knexStore(database.connect(), { companions, ...options }) })
  await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 1_000 })
  const place = (userId: string, note: string) => {
    const notes = ({ orderId }: OrderView) => ({ order_id: orderId, note })
    return shop.execute(placeOrder, { userId, products: [{ productId: 'mug', quantity: 1 }] }, { with: { notes } })
  }
  return { shop, place }
}

describe.each(['read committed', 'serializable'] as const)('a wrong row in a full group at %s', (isolation) => {
  test('fails its own command only, although all share a product', async () => {
    const { shop, place } = await open({ isolation })
    const crowd = Array.from({ length: 200 }, (_, index) => place(`u${index}`, index === 77 ? 'wrong' : 'fine'))
    const outcomes = await Promise.all(crowd)
    expect(outcomes.flatMap(({ ok }, index) => (ok ? [] : [index]))).toEqual([77])
    expect(await database.knex('notes')).toHaveLength(199)
    expect((await shop.audit()).violations).toEqual([])
  })
})

test('a companion that is locked is named, and holds up nobody else', async () => {
  const { shop, place } = await open({ lockTimeoutMs: 200 })
  const error = await database.knex.transaction(async (trx) => {
    await trx.raw('lock table notes in access exclusive mode')
    const locked = place('mina', 'fine').catch((each: unknown) => each)
    const products = [{ productId: 'mug', quantity: 1 }]
    expect(await shop.orders.place({ userId: 'jun', products })).toMatchObject({ status: 'pending' })
    return locked
  })
  expect([isShopUnavailable(error), String(error)]).toEqual([
    true,
    expect.stringContaining('companion notes: canceling statement due to lock timeout; nothing was changed'),
  ])
})
