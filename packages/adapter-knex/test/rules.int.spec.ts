import type { Store } from '@shop/core'
import type { Rows, TableName } from '@shop/core/commands'
import {
  boughtUnits,
  everythingLeft,
  hasEnded,
  isClaimable,
  isDrop,
  isOpen,
  isOverdue,
  schema,
  statusAt,
} from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import {
  couponOf,
  holdOf,
  lotOf,
  noon,
  orderOf,
  paidOrderOf,
  productOf,
  refundedBy,
  refundOf,
  walletOf,
  walletWith,
} from './support/rows.js'

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

  test('which products are drops', async () => {
    const hours = [null, noon, deadline]
    const products = hours.flatMap((opensAt) =>
      [...hours, deadline + 1].flatMap((closesAt) => {
        if (opensAt !== null && closesAt !== null && closesAt <= opensAt) return []
        return [true, false].map((listed) =>
          productOf(`${opensAt}-${closesAt}-${listed}`, { opensAt, closesAt, listed }),
        )
      }),
    )
    await put(store, { inserted: { products } })
    for (time of instants) {
      const { now, found } = await store.reads.drops({ limit: 100 })
      expect(now).toBe(time)
      const shown = products.filter((product) => isDrop(product, time)).map(({ productId }) => productId)
      expect(found.map(({ productId }) => productId).sort(), `${time - noon} ms`).toEqual(shown.sort())
    }
  })

  test('which orders are open, and which units of them and of paid ones users have', async () => {
    const lines = [{ productId: 'tea', quantity: 3 }]
    const orders = [
      orderOf('waiting', { lines, expiresAt: deadline }),
      orderOf('cancelled', { lines, status: 'cancelled', expiresAt: null }),
      orderOf('expired', { lines, status: 'expired', expiresAt: deadline }),
      paidOrderOf('paid', {
        lines,
        ...refundedBy(refundOf('r1', { lines: [{ productId: 'tea', quantity: 2, amount: 2_000 }], amount: 2_000 })),
      }),
      paidOrderOf('refunded', {
        lines,
        status: 'refunded',
        ...refundedBy(refundOf('r2', { lines: [{ productId: 'tea', quantity: 3, amount: 3_000 }], amount: 3_000 })),
      }),
    ]
    await put(store, { inserted: { orders, products: [productOf('tea', { purchaseLimit: 9 })] } })
    for (time of instants) {
      const loaded = await look(store, { lock: { products: ['tea'] }, read: { buyers: ['ann'], openOrders: ['ann'] } })
      const units = orders.map((order) => boughtUnits(order, time).get('tea') ?? 0)
      const quantity = units.reduce((sum, each) => sum + each, 0)
      expect(loaded.purchases, `${time - noon} ms`).toEqual([{ userId: 'ann', productId: 'tea', quantity }])
      const count = orders.filter((order) => isOpen(order, time)).length
      expect(loaded.openOrders, `${time - noon} ms`).toEqual(count === 0 ? [] : [{ userId: 'ann', count }])
    }
  })

  test('which wallets have a lot that has ended', async () => {
    const lots = [lotOf('soon', { expiresAt: deadline }), lotOf('later', { expiresAt: deadline + 1 }), lotOf('never')]
    const wallets = [...lots.map((lot) => walletWith(lot.lotId, [lot])), walletWith('all', lots), walletOf('none')]
    await put(store, { inserted: { wallets } })
    for (time of instants) {
      const ended = wallets.filter((wallet) => wallet.lots?.some((lot) => hasEnded(lot, time)))
      const found = await store.reads.walletsWithEndedLots({ limit: 10 })
      expect([...found].sort(), `${time - noon} ms`).toEqual(ended.map(({ userId }) => userId).sort())
    }
  })

  test('which holds are overdue', async () => {
    const order = orderOf('o1', { expiresAt: deadline })
    const hold = holdOf('o1', 'tea', { expiresAt: deadline, quantity: 3 })
    await put(store, { inserted: { products: [productOf('tea', { held: 3 })], orders: [order], holds: [hold] } })
    for (time of instants) {
      const isPast = isOverdue(order, time)
      expect((await store.reads.product('tea')).found?.overdue, `${time - noon} ms`).toBe(isPast ? 3 : 0)
      expect((await look(store, { lock: { products: ['tea'] } })).holds).toEqual(isPast ? [hold] : [])
    }
  })
})

describe('whatever was refunded, SQL and core agree', () => {
  test('which units are left of the paid orders', async () => {
    const line = (productId: string, quantity: number) => ({ productId, quantity, amount: 0 })
    const orders = [
      paidOrderOf('whole'),
      paidOrderOf('part', {
        lines: [
          { productId: 'tea', quantity: 5 },
          { productId: 'mug', quantity: 2 },
          { productId: 'pot', quantity: 1 },
        ],
        ...refundedBy(
          refundOf('r1', { lines: [line('mug', 1), line('tea', 3)], restocked: false }),
          refundOf('r2', { lines: [line('tea', 1), line('pot', 1)] }),
        ),
      }),
      paidOrderOf('gone', {
        status: 'refunded',
        ...refundedBy(refundOf('r3', { amount: 2_000, lines: [line('tea', 2)] })),
      }),
      orderOf('waiting'),
    ]
    const products = ['tea', 'mug', 'pot'].map((productId) => productOf(productId))
    await put(store, { inserted: { orders, products } })
    await store.upkeep.ensureSales('UTC')
    const left = new Map(products.map(({ productId }) => [productId, 0]))
    for (const { productId, quantity } of orders.filter(({ status }) => status === 'paid').flatMap(everythingLeft)) {
      left.set(productId, (left.get(productId) ?? 0) + quantity)
    }
    const snapshot = await store.audit()
    const counted: [string, number, number][] = []
    for await (const { product, paidSum, dailySum } of snapshot.products()) {
      counted.push([product.productId, paidSum, dailySum])
    }
    await snapshot.close()
    expect(counted.sort()).toEqual([...left].map(([productId, units]) => [productId, units, units]).sort())
    expect(left).toEqual(
      new Map([
        ['tea', 3],
        ['mug', 1],
        ['pot', 0],
      ]),
    )
  })
})

describe('a row at the edge of its constraint is taken by Postgres exactly when core calls it sound:', () => {
  const edges: readonly { readonly [T in TableName]?: Rows[T] }[] = [
    ...[-1, 0, Number.MAX_SAFE_INTEGER].map((balance) => ({ wallets: walletOf('ann', balance) })),
    ...[
      [lotOf('a', { amount: 1_000 })],
      [lotOf('a', { amount: 1_001 })],
      [lotOf('a', { amount: 400 }), lotOf('b', { amount: 600 })],
      [lotOf('a', { amount: 400 }), lotOf('b', { amount: 601 })],
    ].map((lots) => ({ wallets: walletWith('ann', lots) })),
    ...[
      { received: 3, stock: 3, held: 3 },
      { received: 3, stock: 3, held: 4 },
      { received: 3, stock: 4, held: 3 },
      { received: 3, stock: 3, held: -1 },
      { received: 0, stock: 0, held: 0 },
    ].map((units) => ({ products: productOf('tea', units) })),
    ...[-1, 0, 1].map((purchaseLimit) => ({ products: productOf('tea', { purchaseLimit }) })),
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
