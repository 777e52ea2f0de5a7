import { knexStore } from '@shop/adapter-knex'
import { inMemoryStore } from '@shop/core/in-memory'
import { type AuditSnapshot, auditStore, type Store } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import {
  couponOf,
  entryOf,
  eventOf,
  holdOf,
  issuedOf,
  noon,
  orderOf,
  paidOrderOf,
  productOf,
  refundedBy,
  refundOf,
  walletOf,
} from './support/rows.js'

let database: ShopDatabase
let store: Store

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store({ clock: { now: () => noon } })
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

const all = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const rows: T[] = []
  for await (const row of list) rows.push(row)
  return rows
}

const audited = async <T>(work: (snapshot: AuditSnapshot) => Promise<T>): Promise<T> => {
  const snapshot = await store.audit()
  try {
    return await work(snapshot)
  } finally {
    await snapshot.close()
  }
}

test('an empty shop has empty lists', async () => {
  await audited(async (snapshot) => {
    expect(snapshot.now).toBe(noon)
    for (const list of [
      'wallets',
      'products',
      'coupons',
      'issuedCoupons',
      'orders',
      'purchases',
      'references',
    ] as const) {
      expect(await all<unknown>(snapshot[list]())).toEqual([])
    }
    expect((await snapshot.orphans()).every(({ count }) => count === 0)).toBe(true)
  })
  expect(await auditStore(store)).toMatchObject({ ok: true, violations: [] })
})

test('returns wallets with the sums of their entries', async () => {
  const entries = [
    entryOf('ann', 1, { amount: 100, balance: 100 }),
    entryOf('ann', 2, { kind: 'payment', amount: -70, balance: 30, orderId: 'o1' }),
    entryOf('bob', 1, { amount: 5, balance: 6 }),
    entryOf('bob', 3, { amount: 4, balance: 10 }),
  ]
  await put(store, {
    inserted: { wallets: [walletOf('ann', 30, 2), walletOf('bob', 10, 2), walletOf('cat')], entries },
  })
  const facts = await audited((snapshot) => all(snapshot.wallets()))
  expect(new Map(facts.map(({ wallet, ...rest }) => [wallet.userId, rest]))).toEqual(
    new Map([
      ['ann', { entryCount: 2, entrySum: 30, lastBalance: 30, lowestBalance: 0, brokenLinks: 0, bonusHistory: [] }],
      ['bob', { entryCount: 2, entrySum: 9, lastBalance: 10, lowestBalance: 0, brokenLinks: 2, bonusHistory: [] }],
      ['cat', { entryCount: 0, entrySum: 0, lastBalance: 0, lowestBalance: 0, brokenLinks: 0, bonusHistory: [] }],
    ]),
  )
  expect(facts[0]?.wallet).toEqual(walletOf('ann', 30, 2))
})

test('returns products with their holds, paid orders and daily sums', async () => {
  const line = (productId: string, quantity: number) => ({
    productId,
    name: 'x',
    unitPrice: 1,
    quantity,
    amount: quantity,
  })
  await put(store, {
    inserted: {
      products: [productOf('tea', { held: 3 }), productOf('mug')],
      holds: [holdOf('o2', 'tea', { quantity: 2 }), holdOf('o3', 'tea', { expiresAt: noon })],
      orders: [
        paidOrderOf('o1', { lines: [line('tea', 4), line('mug', 1)] }),
        orderOf('o2', { lines: [line('tea', 2)] }),
        paidOrderOf('o4', { lines: [line('tea', 5)] }),
        paidOrderOf('o5', { status: 'refunded', lines: [line('tea', 8)] }),
      ],
    },
    sales: [
      { timeZone: 'UTC', day: '2026-05-16', productId: 'tea', quantity: 4 },
      { timeZone: 'UTC', day: '2026-05-17', productId: 'tea', quantity: 5 },
    ],
  })
  const facts = await audited((snapshot) => all(snapshot.products()))
  expect(facts.sort((a, b) => a.holdSum - b.holdSum)).toEqual([
    { product: productOf('mug'), holdSum: 0, paidSum: 1, dailySum: 0 },
    { product: productOf('tea', { held: 3 }), holdSum: 3, paidSum: 9, dailySum: 9 },
  ])
})

test('returns coupons with their copies, and copies with the orders that name them', async () => {
  const coupon = couponOf('c', { issued: 3 })
  const copies = [
    issuedOf('c', 'ann', { usedByOrderId: 'o1', usedUntil: noon + 1 }),
    issuedOf('c', 'bob', { issuedAt: noon - 1_001 }),
    issuedOf('c', 'cat', { issuedAt: noon - 1_000 }),
  ]
  const orders = [
    orderOf('o1', { couponId: 'c' }),
    paidOrderOf('o2', { couponId: 'c', ...refundedBy(refundOf('r1')), discountWithdrawnBy: 'r1' }),
    orderOf('o3', { couponId: 'c', status: 'failed', expiresAt: null }),
    orderOf('o4', { couponId: 'c', userId: 'dan' }),
    orderOf('o5'),
  ]
  await put(store, { inserted: { coupons: [coupon, couponOf('d')], issuedCoupons: copies, orders } })
  await audited(async (snapshot) => {
    const facts = await all(snapshot.coupons())
    expect(facts.sort((a, b) => b.issuedCount - a.issuedCount)).toEqual([
      { coupon, issuedCount: 3, issuedEarly: 1 },
      { coupon: couponOf('d'), issuedCount: 0, issuedEarly: 0 },
    ])
    const owned = await all(snapshot.issuedCoupons())
    expect(owned.find(({ issued }) => issued.userId === 'ann')).toEqual({
      issued: copies[0],
      orders: [
        {
          orderId: 'o1',
          status: 'pending',
          couponConsumedAt: 'order',
          expiresAt: noon + 900_000,
          discountWithdrawnBy: null,
        },
        { orderId: 'o2', status: 'paid', couponConsumedAt: 'order', expiresAt: null, discountWithdrawnBy: 'r1' },
      ],
    })
    expect(owned.find(({ issued }) => issued.userId === 'bob')).toEqual({ issued: copies[1], orders: [] })
  })
})

test('returns orders with all that belongs to them', async () => {
  const order = paidOrderOf('o1', { status: 'refunded' })
  const booked = [
    entryOf('ann', 1, { kind: 'payment', amount: -2_000, orderId: 'o1' }),
    entryOf('ann', 2, { kind: 'refund', amount: 2_000, orderId: 'o1' }),
  ]
  await put(store, {
    inserted: {
      orders: [order, orderOf('o2')],
      entries: booked,
      holds: [holdOf('o1', 'tea', { quantity: 2 }), holdOf('o1', 'mug')],
      events: [eventOf('o1', 2, { type: 'order.refunded' }), eventOf('o1', 1)],
    },
  })
  const facts = await audited((snapshot) => all(snapshot.orders()))
  expect(facts.find((each) => each.order.orderId === 'o1')).toEqual({
    order,
    entries: booked.map(({ kind, amount, userId, at, lots }) => ({ kind, amount, userId, at, lots })),
    holds: ['mug', 'tea'].map((productId, index) => ({ productId, quantity: index + 1, expiresAt: noon + 60_000 })),
    events: [
      { type: 'order.paid', sequence: 1 },
      { type: 'order.refunded', sequence: 2 },
    ],
  })
  expect(facts.find((each) => each.order.orderId === 'o2')).toEqual({
    order: orderOf('o2'),
    entries: [],
    holds: [],
    events: [],
  })
})

test('counts orphans', async () => {
  await put(store, {
    inserted: {
      entries: [entryOf('ann', 1)],
      holds: [holdOf('o1', 'tea'), holdOf('o2', 'tea')],
      orders: [orderOf('o1')],
      events: [eventOf('o2')],
      issuedCoupons: [issuedOf('c', 'ann'), issuedOf('c', 'bob')],
    },
    sales: [{ timeZone: 'UTC', day: '2026-05-17', productId: 'tea', quantity: 1 }],
  })
  expect(await audited((snapshot) => snapshot.orphans())).toEqual([
    { table: 'entries', count: 1 },
    {
      table: 'holds',
      count: 2,
      holds: [
        { orderId: 'o1', productId: 'tea' },
        { orderId: 'o2', productId: 'tea' },
      ],
    },
    { table: 'events', count: 1 },
    { table: 'issuedCoupons', count: 2 },
    { table: 'sales', count: 1 },
  ])
})

test('sees one moment, although others commit meanwhile', async () => {
  await put(store, { inserted: { wallets: [walletOf('ann')] } })
  await audited(async (snapshot) => {
    await put(store, { inserted: { wallets: [walletOf('bob')], products: [productOf('tea')] } })
    expect(await all(snapshot.wallets())).toHaveLength(1)
    expect(await all(snapshot.products())).toEqual([])
  })
  expect(await audited((snapshot) => all(snapshot.wallets()))).toHaveLength(2)
})

test('reads long lists, several side by side, and may stop early', async () => {
  const ids = Array.from({ length: 2_500 }, (_, index) => `u${index}`)
  await put(store, { inserted: { wallets: ids.map((id) => walletOf(id)), products: ids.map((id) => productOf(id)) } })
  await audited(async (snapshot) => {
    const [wallets, products] = await Promise.all([all(snapshot.wallets()), all(snapshot.products())])
    expect(new Set(wallets.map(({ wallet }) => wallet.userId)).size).toBe(2_500)
    expect(products).toHaveLength(2_500)
  })
  await audited(async (snapshot) => {
    for await (const { wallet } of snapshot.wallets()) {
      expect(wallet.balance).toBe(0)
      break
    }
    expect(await snapshot.orphans()).toHaveLength(5)
  })
})

test('takes no connection from the pool, and leaves none behind', async () => {
  const narrow = database.connect({ pool: { max: 1 }, applicationName: 'audited', connectTimeoutMs: 500 })
  const snapshot = await knexStore(narrow).audit()
  await knexStore(narrow).ping()
  await snapshot.close()
  await snapshot.close()
  await narrow.destroy()
  const open = async () => {
    const { rows } = await database.knex.raw(`select from pg_stat_activity where application_name = 'audited'`)
    return rows.length
  }
  await expect.poll(open).toBe(0)
})

test('a connection that dies in the middle of an audit is an error, not the end of the process', async () => {
  await put(store, { inserted: { wallets: [walletOf('ann')] } })
  const doomed = await knexStore(database.connect({ applicationName: 'doomed' })).audit()
  await database.knex.raw(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed'`)
  await expect(all(doomed.wallets())).rejects.toMatchObject({ kind: 'unavailable' })
  await doomed.close()
})

test('returns what users have of products that were limited, as the store in memory does', async () => {
  const line = (productId: string, quantity: number, purchaseLimit?: number) => ({
    productId,
    quantity,
    ...(purchaseLimit && { purchaseLimit }),
  })
  const refund = { amount: 2_000, lines: [{ productId: 'tea', quantity: 2, amount: 2_000 }] }
  const orders = [
    paidOrderOf('before', { lines: [line('tea', 5), line('mug', 1)] }),
    paidOrderOf('part', { lines: [line('tea', 3, 9), line('mug', 2)], ...refundedBy(refundOf('r1', refund)) }),
    orderOf('waiting', { lines: [line('mug', 1), line('tea', 1, 8)] }),
    orderOf('gone', { lines: [line('mug', 1, 1)], status: 'cancelled', expiresAt: null }),
    orderOf('others', { userId: 'bob', lines: [line('tea', 1)] }),
    orderOf('theirs', { userId: 'cat', lines: [line('mug', 1, 1)] }),
  ]
  const memory = inMemoryStore()
  for (const each of [store, memory]) await put(each, { inserted: { orders } })
  const factsOf = async (snapshot: AuditSnapshot) => {
    const facts = await all(snapshot.purchases())
    const byOrder = (list: (typeof facts)[number]['orders']) =>
      [...list].sort((a, b) => (a.orderId < b.orderId ? -1 : 1))
    return facts
      .map((each) => ({ ...each, orders: byOrder(each.orders) }))
      .sort((a, b) => (`${a.userId} ${a.productId}` < `${b.userId} ${b.productId}` ? -1 : 1))
  }
  const expected = await factsOf(await memory.audit())
  const names = expected.map(({ userId, productId, orders }) => `${userId} ${productId} ${orders.length}`)
  expect(names).toEqual(['ann tea 3', 'cat mug 1'])
  expect(await audited(factsOf)).toEqual(expected)
})
