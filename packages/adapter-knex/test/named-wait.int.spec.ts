import { knexStore } from '@shop/adapter-knex'
import { createShop, type Shop, type ShopWithin } from '@shop/core'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keysOf, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { changing, couponOf, issuedOf, productOf, walletOf } from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

const ids = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']

describe.each([{ pipeline: true }, { pipeline: false }])(
  'a command that times out waiting for a row (pipeline $pipeline)',
  ({ pipeline }) => {
    let host: Knex
    let store: ReturnType<typeof knexStore>
    let shop: Shop<Knex.Transaction>

    beforeAll(() => {
      host = database.connect({ pipeline })
      store = knexStore(host, { lockTimeoutMs: 50 })
      shop = createShop({ store })
    })
    beforeEach(async () => {
      await database.clear()
      const products = [productOf('mug'), ...ids.map((productId) => productOf(productId))]
      await put(store, {
        inserted: {
          products,
          wallets: [walletOf('ann', 1_000)],
          coupons: [couponOf('c1')],
          issuedCoupons: [issuedOf('c1', 'ann')],
        },
      })
    })

    /** What the work says while the host has locked rows in a transaction of its own. */
    const whileLocked = (sql: string, work: () => Promise<unknown>) =>
      host.transaction(async (trx) => {
        await trx.raw(`${sql} for update`)
        return work().then(
          () => 'no error',
          (error: Error) => error,
        )
      })

    test('names the product that the host has locked', async () => {
      const order = { userId: 'ann', products: [{ productId: 'mug', quantity: 1 }] }
      const error = await whileLocked(`select from shop.products where product_id = 'mug'`, () =>
        shop.orders.place(order),
      )
      expect(error).toMatchObject({
        name: 'ShopUnavailable',
        ambiguous: false,
        message:
          'timed out waiting for products "mug": is it locked by a transaction of your own?; nothing was changed',
        cause: { kind: 'busy', cause: { code: '55P03' } },
      })
      expect(await shop.orders.place(order)).toMatchObject({ status: 'pending' })
    })

    test('names at most five of the rows among which it waited', async () => {
      const locking = () => store.transact(keysOf({ lock: { products: ids } }), () => changing({}))
      expect(await whileLocked(`select from shop.products where product_id = 'p7'`, locking)).toMatchObject({
        kind: 'busy',
        message:
          'timed out waiting for products "p1", "p2", "p3", "p4", "p5" and 2 more: is one of them locked by a transaction of your own?',
      })
    })

    test.each([
      ['wallets', `user_id = 'ann'`, { wallets: ['ann'] }, 'wallets "ann"'],
      [
        'issued_coupons',
        `user_id = 'ann'`,
        { issuedCoupons: [{ couponId: 'c1', userId: 'ann' }] },
        'issued_coupons "c1 ann"',
      ],
    ])('names rows of %s', async (table, where, lock, named) => {
      const locking = () => store.transact(keysOf({ lock: { products: ['mug'], ...lock } }), () => changing({}))
      expect(await whileLocked(`select from shop.${table} where ${where}`, locking)).toMatchObject({
        message: `timed out waiting for ${named}: is it locked by a transaction of your own?`,
      })
    })

    test.each<[string, string, (to: Pick<ShopWithin, 'balance' | 'products'>) => Promise<unknown>]>([
      ['a first charge', 'wallets "jun"', ({ balance }) => balance.charge({ userId: 'jun', amount: 1_000 })],
      [
        'a new product',
        'products "p9"',
        ({ products }) => products.create({ productId: 'p9', name: 'P', price: 1, stock: 1 }),
      ],
    ])('names the row that %s of the host has inserted', async (_, named, work) => {
      const inside = shop.transaction(async (_trx, calls) => {
        await work(calls)
        return work(shop as never).catch((error: Error) => error)
      })
      expect(await inside).toMatchObject({
        name: 'ShopUnavailable',
        ambiguous: false,
        message: `timed out inserting ${named}: has a transaction of your own inserted it?; nothing was changed`,
      })
    })

    test('names them inside a transaction of the host, too', async () => {
      const joining = () =>
        host.transaction(async (trx) => {
          await trx.raw('set local lock_timeout = 50')
          return shop.within(trx).products.changeStock({ productId: 'mug', change: 1 })
        })
      expect(await whileLocked(`select from shop.products where product_id = 'mug'`, joining)).toMatchObject({
        kind: 'busy',
        message: expect.stringContaining('products "mug"'),
      })
    })
  },
)
