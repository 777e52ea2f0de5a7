import { knexStore } from '@shop/adapter-knex'
import { createShop, type PolicyOverrides, type PresetName, resolvePolicies } from '@shop/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

/** What is counted under a lock that the first order of a user takes without writing the row. */
const counts: readonly { preset: PresetName; policies: PolicyOverrides; limit: number | null; refusal: string }[] = [
  {
    preset: 'take-at-payment',
    policies: { wallet: { opens: 'on-first-charge' } },
    limit: 1,
    refusal: 'PURCHASE_LIMIT_EXCEEDED',
  },
  { preset: 'standard', policies: { order: { pendingPerUser: 1 } }, limit: null, refusal: 'TOO_MANY_PENDING_ORDERS' },
]

describe.each(counts)('an order in a transaction of the host ($refusal)', ({ preset, policies, limit, refusal }) => {
  const openShop = async () => {
    const { knex } = database
    const shop = createShop({ store: knexStore(knex), policies: resolvePolicies(preset, policies) })
    for (const productId of ['tea', 'cup'])
      await shop.products.create({ productId, name: productId, price: 1, stock: 9, purchaseLimit: limit })
    return shop
  }

  /** Places an order after the host's transaction has read something and another order has been committed. */
  const placeLate = async (isolationLevel: 'read committed' | 'repeatable read' | 'serializable') => {
    const shop = await openShop()
    const [first, second] = limit === null ? ['cup', 'tea'] : ['tea', 'tea']
    const place = (productId = '') => ({ userId: 'ann', products: [{ productId, quantity: 1 }] })
    return database.knex.transaction(
      async (trx) => {
        await trx.raw('select 1 from shop.products')
        await shop.orders.place(place(first))
        return shop.within(trx).orders.place(place(second))
      },
      { isolationLevel },
    )
  }

  test('counts what others committed after the transaction began', async () => {
    expect(await placeLate('read committed')).toMatchObject({ ok: false, refusal: { code: refusal } })
  })

  test.each(['repeatable read', 'serializable'] as const)('is rejected at %s, which would hide it', async (level) => {
    await expect(placeLate(level)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('begin it at read committed'),
    })
    const { rows } = await database.knex.raw('select 1 from shop.orders')
    expect(rows).toHaveLength(1)
  })
})

test('an order without anything to count works at repeatable read', async () => {
  const policies = resolvePolicies('standard', { order: { pendingPerUser: null } })
  const shop = createShop({ store: knexStore(database.knex), policies })
  await shop.products.create({ productId: 'tea', name: 'tea', price: 1, stock: 9 })
  const placed = await database.knex.transaction(
    (trx) => shop.within(trx).orders.place({ userId: 'ann', products: [{ productId: 'tea', quantity: 1 }] }),
    { isolationLevel: 'repeatable read' },
  )
  expect(placed.ok).toBe(true)
})
