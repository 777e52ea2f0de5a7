import { inMemoryStore } from '@shop/core/in-memory'
import { type AuditSnapshot, mergeKeys, type SomeKeys, type Store } from '@shop/core/store'
import { changesOf, couponOf, holdOf, defaultNow as now, orderOf, productOf } from '@shop/core/testing'
import { expect, test } from 'vitest'
import { sqliteHarness } from './sqlite-harness.js'

const sale = { price: 900, from: now, until: now + 5 }
const refund = { refundId: 'r', amount: 0, bonusAmount: 0, restocked: true, reason: null, reference: null, at: now }

const rows = {
  products: [
    productOf({ productId: 'tea', purchaseLimit: 5, sale, metadata: { edition: '50' } }).row,
    productOf({ productId: 'mug', opensAt: now + 5 }).row,
    productOf({ productId: 'cup', opensAt: now + 5 }).row,
    productOf({ productId: 'pot', closesAt: now + 1, held: 1 }).row,
    productOf({ productId: 'can', closesAt: now }).row,
    productOf({ productId: 'jug', opensAt: now, listed: false, purchaseLimit: 1 }).row,
  ],
  holds: [holdOf({ orderId: 'o', productId: 'pot', quantity: 1, expiresAt: now }).row],
  coupons: [couponOf({ couponId: 'c1', code: 'Drop-12', productIds: ['tea'] }).row, couponOf({ couponId: 'c2' }).row],
  orders: [
    orderOf({ orderId: 'o1', lines: [{ productId: 'tea', quantity: 2, purchaseLimit: 5 }, { productId: 'mug' }] }).row,
    orderOf({
      orderId: 'o2',
      status: 'paid',
      lines: [{ productId: 'tea', quantity: 3 }],
      refundedAmount: 0,
      refunds: [{ ...refund, lines: [{ productId: 'tea', quantity: 2, amount: 0 }] }],
    }).row,
    orderOf({ orderId: 'o3', lines: [{ productId: 'tea' }], expiresAt: now }).row,
    orderOf({ orderId: 'o4', status: 'cancelled', lines: [{ productId: 'tea' }] }).row,
    orderOf({ orderId: 'o5', userId: 'u2', lines: [{ productId: 'tea' }] }).row,
  ],
}

const put = (store: Pick<Store, 'transact'>, inserted: Partial<typeof rows>) =>
  store.transact(mergeKeys([]), () => changesOf({ inserted }))

const all = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const each of list) found.push(each)
  return found
}

const purchasesIn = async (snapshot: AuditSnapshot) => {
  const facts = await all(snapshot.purchases())
  await snapshot.close()
  const byId = (a: { readonly orderId: string }, b: { readonly orderId: string }) => (a.orderId < b.orderId ? -1 : 1)
  return facts.map((each) => ({ ...each, orders: [...each.orders].sort(byId) }))
}

/** Everything that a store tells of a drop, in a definite order. */
const told = async (store: Pick<Store, 'load' | 'couponsWithCodes' | 'reads' | 'audit'>) => {
  const keys: SomeKeys = {
    lock: { products: ['mug', 'tea'], orders: ['o1'], coupons: ['c1'] },
    read: { buyers: ['u1', 'u2', 'u3'], openOrders: ['u1', 'u3'], couponCodes: ['drop-12', 'x-1'], terms: ['c2'] },
  }
  const loaded = await store.load(mergeKeys([keys]))
  const { reads } = store
  return {
    loaded: {
      ...loaded,
      openOrders: loaded.openOrders.filter(({ count }) => count > 0),
      terms: loaded.terms.map(({ couponId, productIds }) => ({ couponId, productIds })),
    },
    withoutLimit: (await store.load(mergeKeys([{ ...keys, lock: { products: ['mug'] } }]))).purchases,
    codes: await store.couponsWithCodes(['drop-12', 'x-1']),
    drops: await reads.drops({ limit: 3 }),
    byId: (await reads.productsWithIds(['jug', 'none', 'tea'])).found,
    tea: await reads.product('tea'),
    page: await reads.products({ offset: 0, limit: 9 }),
    claimable: await reads.claimableCoupons({ limit: 9 }),
    purchases: await purchasesIn(await store.audit()),
  }
}

test('SQLite tells of a drop what the store in memory tells', async () => {
  const clock = { now: () => now }
  const opened = await sqliteHarness.create({ clock })
  const memory = inMemoryStore({ clock })
  for (const store of [opened.store, memory]) await put(store, rows)
  const expected = await told(memory)
  expect(expected.loaded.purchases).toContainEqual({ userId: 'u1', productId: 'tea', quantity: 3 })
  expect(expected.drops.found.map(({ productId }) => productId)).toEqual(['pot', 'cup', 'mug'])
  expect(expected.purchases.map(({ orders }) => orders.length)).toEqual([3])
  expect(await told(opened.store)).toEqual(expected)
  const second = put(opened.store, { coupons: [couponOf({ couponId: 'c3', code: 'DROP-12' }).row] })
  await expect(second).rejects.toMatchObject({ kind: 'conflict' })
  await opened.close()
})
