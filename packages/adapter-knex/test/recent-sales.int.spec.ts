import { createShop, resolvePolicies } from '@shop/core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.js'
import { openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { productOf } from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

const sold = (productId: string, quantity: number, day = '2026-05-17') => ({
  timeZone: 'UTC',
  day,
  productId,
  quantity,
})

const notes = async () => Number((await database.knex('shop.recent_sales').count('* as notes'))[0]?.['notes'])

const sums = async (relation: string) =>
  (await database.knex(relation).select('day', 'product_id').sum('sold as sold').groupBy('day', 'product_id'))
    .map(({ product_id, sold }) => `${product_id} ${sold}`)
    .sort()

test('a group notes what it sold in one row for each day, and adding up leaves the sums as they were', async () => {
  const store = database.store()
  const days = [sold('mug', 2), sold('tea', 3), sold('tea', -1, '2026-05-16')]
  await put(store, { inserted: { products: [productOf('tea'), productOf('mug')] }, sales: days })
  expect(await notes()).toBe(2)
  await put(store, { sales: [sold('tea', 4)] })
  const before = await sums('shop.sales_of_days')
  expect(before).toEqual(['mug 2', 'tea -1', 'tea 7'])
  expect(await sums('shop.daily_sales')).toEqual([])
  await store.upkeep.addUpSales?.()
  expect(await notes()).toBe(0)
  expect(await sums('shop.sales_of_days')).toEqual(before)
  expect(await sums('shop.daily_sales')).toEqual(before)
})

test('servers that add up at once, beside groups that sell, lose and double nothing', async () => {
  const store = database.store({ pool: { max: 12 } })
  await put(store, { inserted: { products: [productOf('tea')] } })
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      ...Array.from({ length: 30 }, () => put(store, { sales: [sold('tea', 1)] })),
      ...Array.from({ length: 4 }, () => store.upkeep.addUpSales?.()),
    ])
  }
  expect(await sums('shop.sales_of_days')).toEqual(['tea 300'])
  await store.upkeep.addUpSales?.()
  expect(await sums('shop.daily_sales')).toEqual(['tea 300'])
})

test('more notes than one statement takes are all added up', async () => {
  const store = database.store()
  await database.knex.raw(
    `insert into shop.recent_sales select 'UTC', date '2026-05-17', array['tea'], array[1] from generate_series(1, 1200)`,
  )
  await store.upkeep.addUpSales?.()
  expect(await sums('shop.daily_sales')).toEqual(['tea 1200'])
  expect(await notes()).toBe(0)
})

test('a refresh of the ranking adds the notes to the daily sums, and ranks by them', async () => {
  const shop = createShop({ store: database.store(), policies: resolvePolicies('standard') })
  const { productId } = await shop.products.create({ name: 'Tea', price: 1, stock: 5 })
  await shop.balance.charge({ userId: 'ann', amount: 1_000 })
  const { orderId } = await shop.orders.place({ userId: 'ann', products: [{ productId, quantity: 3 }] })
  await shop.payments.pay({ userId: 'ann', orderId })
  expect(await notes()).toBe(1)
  await shop.upkeep.refreshRanking()
  expect(await sums('shop.daily_sales')).toEqual([`${productId} 3`])
  expect(await notes()).toBe(0)
  expect((await shop.products.top()).products).toMatchObject([{ productId, sold: 3 }])
  expect((await shop.audit()).violations).toEqual([])
  await shop.close()
})

test('down adds up before it drops the notes', async () => {
  const other = await openShopDatabase()
  const store = other.store()
  await put(store, { inserted: { products: [productOf('tea')] }, sales: [sold('tea', 2)] })
  await migrations.find(({ name }) => name === '0014_recent_sales')?.down(other.knex, '"shop"')
  expect(await other.knex('shop.daily_sales').select('product_id', 'sold')).toEqual([{ product_id: 'tea', sold: '2' }])
  await other.drop()
})
