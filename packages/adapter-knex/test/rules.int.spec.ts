import type { Store } from '@shop/core'
import type { Rows, TableName } from '@shop/core/commands'
import { isClaimable, isOverdue, schema, statusAt } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { couponOf, holdOf, noon, orderOf, productOf, walletOf } from './support/rows.js'

let database: ShopDatabase
let store: Store
let time = noon

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store({ clock: { now: () => time } })
})
afterAll(() => database.drop())
beforeEach(async () => {
  time = noon
  await database.clear()
})

describe('by the clock, SQL and core agree', () => {
  const deadline = noon + 10
  const instants = [noon - 1, noon, noon + 1, deadline - 1, deadline, deadline + 1]

  test('which coupons can be claimed', async () => {
    const coupons = [0, 1, 2].map((issued) =>
      couponOf(`c${issued}`, { validFrom: noon, validUntil: deadline, quantity: 2, issued }),
    )
    await put(store, { inserted: { coupons } })
    for (time of instants) {
      const listed = await store.reads.claimableCoupons({ limit: 10 })
      const claimable = coupons.filter((coupon) => isClaimable(coupon, time)).map(({ couponId }) => couponId)
      expect(listed.map(({ couponId }) => couponId).sort(), `${time - noon} ms`).toEqual(claimable)
    }
  })

  test('which orders are overdue, and which status they show', async () => {
    const orders = [
      orderOf('pending', { expiresAt: deadline }),
      orderOf('expired', { status: 'expired', expiresAt: deadline }),
      orderOf('cancelled', { status: 'cancelled', expiresAt: null }),
    ]
    await put(store, { inserted: { orders } })
    const idsOf = (rows: readonly { readonly orderId: string }[]) => rows.map(({ orderId }) => orderId).sort()
    for (time of instants) {
      const overdue = orders.filter((order) => isOverdue(order, time))
      expect([...(await store.reads.overdueOrders({ limit: 10 }))], `${time - noon} ms`).toEqual(idsOf(overdue))
      for (const status of ['pending', 'expired', 'cancelled'] as const) {
        const { found } = await store.reads.orders({ limit: 10, status })
        const shown = orders.filter((order) => statusAt(order, time) === status)
        expect(idsOf(found), `${status}, ${time - noon} ms`).toEqual(idsOf(shown))
      }
    }
  })

  test('which holds are overdue', async () => {
    const hold = holdOf('o1', 'tea', { expiresAt: deadline, quantity: 3 })
    await put(store, { inserted: { products: [productOf('tea', { held: 3 })], holds: [hold] } })
    for (time of instants) {
      const isPast = isOverdue(orderOf('o1', { expiresAt: deadline }), time)
      expect((await store.reads.product('tea'))?.overdue, `${time - noon} ms`).toBe(isPast ? 3 : 0)
      expect((await look(store, { lock: { products: ['tea'] } })).holds).toEqual(isPast ? [hold] : [])
    }
  })
})

describe('a row at the edge of its constraint is taken by Postgres exactly when core calls it sound:', () => {
  const edges: readonly { readonly [T in TableName]?: Rows[T] }[] = [
    ...[-1, 0, Number.MAX_SAFE_INTEGER].map((balance) => ({ wallets: walletOf('ann', balance) })),
    ...[
      { received: 3, stock: 3, held: 3 },
      { received: 3, stock: 3, held: 4 },
      { received: 3, stock: 4, held: 3 },
      { received: 3, stock: 3, held: -1 },
      { received: 0, stock: 0, held: 0 },
    ].map((units) => ({ products: productOf('tea', units) })),
    ...[-1, 0, 2, 3].map((issued) => ({ coupons: couponOf('c', { quantity: 2, issued }) })),
    ...[0, 1].map((quantity) => ({ holds: holdOf('o1', 'tea', { quantity }) })),
    ...[
      { discountAmount: 0, finalAmount: 2_000 },
      { discountAmount: 2_000, finalAmount: 0 },
      { discountAmount: 2_001, finalAmount: -1 },
      { discountAmount: -1, finalAmount: 2_001 },
      { discountAmount: 1, finalAmount: 2_000 },
    ].map((amounts) => ({ orders: orderOf('o1', amounts) })),
  ]

  test.each(edges.map((edge) => Object.entries(edge)[0] as [TableName, Rows[TableName]]))(
    '%s %o',
    async (name, row) => {
      const broken = (schema[name].constraint as ((row: unknown) => string | undefined) | undefined)?.(row)
      const writing = put(store, { inserted: { [name]: [row] } })
      if (broken === undefined) await writing
      else await expect(writing).rejects.toMatchObject({ kind: 'rejected' })
    },
  )
})
