import { afterAll, beforeAll, expect, test } from 'vitest'
import { clock } from './support/modes.js'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { holdOf, noon, orderOf, productOf } from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

test('a transaction loads the overdue holds of its products, whether few orders are overdue or many', async () => {
  const store = database.store({ clock })
  const overdue = { expiresAt: noon }
  await put(store, {
    inserted: {
      products: [productOf('tea', { held: 1 })],
      orders: [orderOf('open', { expiresAt: noon + 1 })],
      holds: [holdOf('open', 'tea', { expiresAt: noon + 1 })],
    },
  })
  const orders: string[] = []
  for (const more of [1, 98, 1, 1, 50]) {
    const added = Array.from({ length: more }, (_, index) => `o${orders.length + index}`)
    orders.push(...added)
    await put(store, {
      inserted: {
        orders: added.map((id) => orderOf(id, overdue)),
        holds: added.flatMap((id) => [holdOf(id, 'tea', overdue), holdOf(id, 'mug', overdue)]),
      },
    })
    const { holds } = await look(store, { lock: { products: ['tea'] } })
    expect(holds.map(({ orderId, productId }) => `${orderId} ${productId}`).sort()).toEqual(
      orders.map((id) => `${id} tea`).sort(),
    )
  }
})
