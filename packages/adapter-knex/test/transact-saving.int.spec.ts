import type { Store } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clock, modes } from './support/modes.js'
import { keysOf, look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import {
  changing,
  couponOf,
  entryOf,
  eventOf,
  foundIn,
  holdOf,
  lotOf,
  noon,
  orderOf,
  paidOrderOf,
  paymentOf,
  productOf,
  referenceOf,
  refundedBy,
  refundOf,
  type SomeChanges,
  walletOf,
  walletWith,
} from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

describe.each(modes)('a transaction ($isolation, pipeline $pipeline)', (mode) => {
  let store: Store
  let clocked: Store

  beforeAll(() => {
    store = database.store({ ...mode, pool: { max: 12 } })
    clocked = database.store({ ...mode, clock })
  })
  beforeEach(() => database.clear())

  describe('saving', () => {
    test('writes inserts, updates, removals and sums together', async () => {
      await put(store, {
        inserted: { products: [productOf('tea', { held: 1 })], holds: [holdOf('o1', 'tea')], orders: [orderOf('o1')] },
        sales: [{ timeZone: 'UTC', day: '2026-05-17', productId: 'tea', quantity: 2 }],
      })
      const paid = paidOrderOf('o1')
      const changed = productOf('tea', { stock: 9, name: 'Grün%', price: 7, listed: false, received: 12 })
      await put(store, {
        updated: { products: [changed], orders: [paid] },
        removed: { holds: [holdOf('o1', 'tea')] },
        inserted: { holds: [holdOf('o2', 'tea')], entries: [paymentOf('o1')], events: [eventOf('o1')] },
        sales: [
          { timeZone: 'UTC', day: '2026-05-17', productId: 'tea', quantity: -1 },
          { timeZone: 'UTC', day: '2026-05-18', productId: 'tea', quantity: 5 },
        ],
      })
      const loaded = await look(clocked, { lock: { products: ['tea'], orders: ['o1', 'o2'], events: ['o1-event-1'] } })
      expect(loaded.products).toEqual([changed])
      expect(loaded.orders).toEqual([paid])
      expect(loaded.holds).toEqual([holdOf('o2', 'tea')])
      expect(loaded.events).toEqual([eventOf('o1')])
      expect(
        await database.knex('shop.sales_of_days').select('day').sum('sold as sold').groupBy('day').orderBy('day'),
      ).toMatchObject([{ sold: '1' }, { sold: '5' }])
      expect(await store.reads.payment('o1-payment')).toMatchObject({
        found: { order: paid, balance: 500 },
      })
      expect((await database.knex('shop.products').first('folded_name')).folded_name).toBe('grün%')
    })

    test('writes all or nothing', async () => {
      const mixed = {
        inserted: {
          wallets: [walletOf('ann', 1)],
          entries: [entryOf('ann', 1)],
          holds: [holdOf('o', 'p', { quantity: 0 })],
        },
      }
      await expect(put(store, mixed)).rejects.toMatchObject({ kind: 'rejected' })
      expect(foundIn(await look(store, { lock: { wallets: ['ann'], orders: ['o'] } }))).toEqual({})
    })

    test.each<[string, SomeChanges]>([
      ['a negative balance', { inserted: { wallets: [walletOf('ann', -1)] } }],
      ['a balance beyond the exact integers', { inserted: { wallets: [walletOf('ann', 2 ** 53)] } }],
      ['more held than there is', { inserted: { products: [productOf('tea', { held: 11 })] } }],
      ['more stock than was received', { inserted: { products: [productOf('tea', { stock: 11 })] } }],
      ['a negative price', { inserted: { products: [productOf('tea', { price: -1 })] } }],
      ['more issued than there are', { inserted: { coupons: [couponOf('c', { issued: 11 })] } }],
      ['a coupon that ends before it begins', { inserted: { coupons: [couponOf('c', { validUntil: noon - 1_000 })] } }],
      ['an empty hold', { inserted: { holds: [holdOf('o', 'p', { quantity: 0 })] } }],
      [
        'a discount above the total',
        { inserted: { orders: [orderOf('o', { discountAmount: 2_001, finalAmount: -1 })] } },
      ],
      ['a wrong final amount', { inserted: { orders: [orderOf('o', { finalAmount: 1 })] } }],
      ['an order without lines', { inserted: { orders: [orderOf('o', { lines: [] })] } }],
      ['a pending order without a deadline', { inserted: { orders: [orderOf('o', { expiresAt: null })] } }],
      ['a paid order without a payment', { inserted: { orders: [paidOrderOf('o', { paymentId: null })] } }],
      ['an unknown status', { inserted: { orders: [orderOf('o', { status: 'lost' as never })] } }],
      ['a charge of nothing', { inserted: { entries: [entryOf('ann', 1, { amount: 0 })] } }],
      [
        'a payment that adds',
        { inserted: { entries: [entryOf('ann', 1, { kind: 'payment', amount: 1, orderId: 'o' })] } },
      ],
      ['an entry number 0', { inserted: { entries: [entryOf('ann', 0)] } }],
      ['NUL in a name', { inserted: { products: [productOf('tea', { name: 'a\0b' })] } }],
      ['a number that is none', { inserted: { wallets: [walletOf('ann', Number.NaN)] } }],
      ['a fraction', { inserted: { wallets: [walletOf('ann', 0.5)] } }],
      ['a change of an entry', { updated: { entries: [entryOf('ann', 1)] } }],
      ['a removal of a wallet', { removed: { wallets: [walletOf('ann')] } }],
      ['a grant of nothing', { inserted: { entries: [entryOf('ann', 1, { kind: 'grant', amount: 0 })] } }],
      ['an expiry that adds', { inserted: { entries: [entryOf('ann', 1, { kind: 'expiry', amount: 1 })] } }],
      ['an adjustment by nothing', { inserted: { entries: [entryOf('ann', 1, { kind: 'adjustment', amount: 0 })] } }],
      [
        'a withdrawal of an order',
        { inserted: { entries: [entryOf('ann', 1, { kind: 'withdrawal', amount: -1, orderId: 'o' })] } },
      ],
      ['a refund of no order', { inserted: { entries: [entryOf('ann', 1, { kind: 'refund', amount: 1 })] } }],
      [
        'more bonus money than the balance',
        { inserted: { wallets: [walletWith('ann', [lotOf('l', { amount: 1_001 })])] } },
      ],
      ['a list of no lots', { inserted: { wallets: [walletWith('ann', [])] } }],
      [
        'more refunded than was paid',
        { inserted: { orders: [paidOrderOf('o', refundedBy(refundOf('r', { amount: 2_001 })))] } },
      ],
      ['a refund of a pending order', { inserted: { orders: [orderOf('o', refundedBy(refundOf('r')))] } }],
      [
        'a refunded order of which something is left',
        { inserted: { orders: [paidOrderOf('o', { status: 'refunded', ...refundedBy(refundOf('r')) })] } },
      ],
      [
        'an order with a sequence in its reference',
        { inserted: { references: [referenceOf('r', { kind: 'order', owner: 'ann' })] } },
      ],
    ])('rejects %s', async (_, changes) => {
      await expect(put(store, changes)).rejects.toMatchObject({
        name: 'StoreError',
        kind: 'rejected',
        isRetryable: false,
      })
    })

    test.each<[string, SomeChanges]>([
      ['a second payment of one order', { inserted: { entries: [paymentOf('o1'), paymentOf('o1', 2)] } }],
      [
        'a second order with one payment',
        { inserted: { orders: [paidOrderOf('o1'), paidOrderOf('o2', { paymentId: 'o1-payment' })] } },
      ],
      [
        'a second event with one number',
        { inserted: { events: [eventOf('o1'), eventOf('o1', 1, { eventId: 'other' })] } },
      ],
      [
        'a second paid order with one copy of a coupon',
        { inserted: { orders: [paidOrderOf('o1', { couponId: 'c' }), paidOrderOf('o2', { couponId: 'c' })] } },
      ],
      [
        'a second use of a reference',
        { inserted: { references: [referenceOf('r'), referenceOf('r', { userId: 'bob' })] } },
      ],
      [
        'a second charge with a reference',
        { inserted: { entries: [entryOf('ann', 1, { reference: 'r' }), entryOf('bob', 1, { reference: 'r' })] } },
      ],
      ['an update of what is not there', { updated: { wallets: [walletOf('ann')] } }],
      ['a removal of what is not there', { removed: { holds: [holdOf('o', 'p')] } }],
    ])('conflicts on %s', async (_, changes) => {
      await expect(put(store, changes)).rejects.toMatchObject({ kind: 'conflict' })
    })

    test('takes several refunds of one order', async () => {
      const entries = [1, 2].map((sequence) => entryOf('ann', sequence, { kind: 'refund', amount: 5, orderId: 'o1' }))
      await put(store, { inserted: { entries } })
      expect(await store.reads.entries({ userId: 'ann', limit: 9 })).toEqual([...entries].reverse())
    })

    test('takes a second paid order with one copy of a coupon whose discount the first has lost', async () => {
      const lost = { ...refundedBy(refundOf('r1')), discountWithdrawnBy: 'r1' }
      const orders = [paidOrderOf('o1', { couponId: 'c', ...lost }), paidOrderOf('o2', { couponId: 'c' })]
      await put(store, { inserted: { orders } })
      await expect(put(store, { inserted: { orders: [paidOrderOf('o3', { couponId: 'c' })] } })).rejects.toMatchObject({
        kind: 'conflict',
      })
    })

    test('an update that misses one row writes nothing', async () => {
      await put(store, { inserted: { wallets: [walletOf('ann'), walletOf('cat')] } })
      const updated = { wallets: ['ann', 'bob', 'cat'].map((userId) => walletOf(userId, 5)) }
      await expect(put(store, { updated })).rejects.toMatchObject({ kind: 'conflict' })
      expect((await look(store, { lock: { wallets: ['ann'] } })).wallets).toEqual([walletOf('ann')])
    })

    test('an error of the decision is passed on unchanged, and nothing is written', async () => {
      const bug = new Error('a bug')
      await expect(
        store.transact(keysOf({ lock: { wallets: ['ann'] } }), () => {
          throw bug
        }),
      ).rejects.toBe(bug)
      // The connection is still usable.
      await put(store, { inserted: { wallets: [walletOf('ann')] } })
    })

    test('takes a large group', async () => {
      const ids = Array.from({ length: 3_000 }, (_, index) => `user-${String(index).padStart(5, '0')}`)
      await put(store, { inserted: { wallets: ids.map((id) => walletOf(id)) } })
      await store.transact(keysOf({ lock: { wallets: ids } }), ({ wallets }) =>
        changing({ updated: { wallets: wallets.map((wallet) => ({ ...wallet, balance: 7 })) } }),
      )
      const { wallets } = await look(store, { lock: { wallets: ids } })
      expect(wallets).toHaveLength(3_000)
      expect(wallets.every(({ balance }) => balance === 7)).toBe(true)
    })
  })

  test('keeps instants to the millisecond, over the whole range of Postgres and JavaScript', async () => {
    const instants = [-210_866_803_200_000, -1, 0, 1, noon + 1, 253_402_300_799_999, 8.64e15]
    await put(store, {
      inserted: { wallets: instants.map((createdAt, index) => ({ ...walletOf(`w${index}`), createdAt })) },
    })
    const { wallets } = await look(store, { lock: { wallets: instants.map((_, index) => `w${index}`) } })
    expect(wallets.map(({ createdAt }) => createdAt)).toEqual(instants)
  })

  test('outlines the fields of orders that never change', async () => {
    const lines = ['b', 'a'].map((productId) => ({ productId, name: 'x', unitPrice: 1, quantity: 1, amount: 1 }))
    await put(store, { inserted: { orders: [orderOf('o1', { lines, couponId: 'c' }), orderOf('o2')] } })
    const outlines = await store.outlines(['o1', 'o2', 'o3'])
    expect([...outlines].sort((a, b) => (a.orderId < b.orderId ? -1 : 1))).toEqual([
      { orderId: 'o1', userId: 'ann', couponId: 'c', productIds: ['b', 'a'] },
      { orderId: 'o2', userId: 'ann', couponId: null, productIds: ['tea'] },
    ])
    expect(await store.outlines([])).toEqual([])
  })

  test('distinguishes a committed group from others, and never changes its result', async () => {
    await store.transact(keysOf({}), () => changing({ inserted: { wallets: [walletOf('ann')] } }), { groupId: 'g1' })
    expect(await store.committed('g1')).toBe(true)
    expect(await store.committed('g1')).toBe(true)
    expect(await store.committed('g2')).toBe(false)
    expect(await store.committed('g2')).toBe(false)
    const late = store.transact(keysOf({}), () => changing({ inserted: { wallets: [walletOf('bob')] } }), {
      groupId: 'g2',
    })
    await expect(late).rejects.toMatchObject({ kind: 'conflict' })
    expect((await look(store, { lock: { wallets: ['bob'] } })).wallets).toEqual([])
  })
})
