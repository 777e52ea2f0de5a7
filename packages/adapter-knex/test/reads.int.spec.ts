import type { OrderStatus } from '@shop/core'
import type { Store } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keysOf, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import {
  couponOf,
  entryOf,
  eventOf,
  holdOf,
  issuedOf,
  noon,
  orderOf,
  paidOrderOf,
  paymentOf,
  productOf,
  referenceOf,
  walletOf,
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

/** Reads a list in pages of two. */
const walk = async <Row>(
  page: (after: { at: number; id: string } | undefined) => Promise<readonly Row[]>,
  position: (row: Row) => { at: number; id: string },
): Promise<string[]> => {
  const seen: string[] = []
  let after: { at: number; id: string } | undefined
  for (;;) {
    const rows = await page(after)
    seen.push(...rows.map((row) => position(row).id))
    const last = rows.at(-1)
    if (!last) return seen
    after = position(last)
  }
}

describe('wallets', () => {
  test('show their balance and their history, newest first', async () => {
    const entries = [1, 2, 3].map((sequence) => entryOf('ann', sequence))
    await put(store, { inserted: { wallets: [walletOf('ann', 300, 3)], entries: [...entries, entryOf('bob', 1)] } })
    expect(await store.reads.wallet('ann')).toEqual({ now: noon, found: walletOf('ann', 300, 3) })
    expect(await store.reads.wallet('cat')).toEqual({ now: noon, found: undefined })
    expect(await store.reads.entries({ userId: 'ann', limit: 2 })).toEqual([entries[2], entries[1]])
    expect(await store.reads.entries({ userId: 'ann', limit: 2, before: 2 })).toEqual([entries[0]])
    expect(await store.reads.entries({ userId: 'cat', limit: 2 })).toEqual([])
  })
})

describe('coupons', () => {
  test('are listed newest first; claimable ones by the clock', async () => {
    const coupons = [
      couponOf('a'),
      couponOf('b', { createdAt: noon + 1 }),
      couponOf('c', { validUntil: noon }),
      couponOf('d', { validFrom: noon + 1 }),
      couponOf('e', { validFrom: noon }),
      couponOf('f', { issued: 10 }),
      couponOf('g', { code: 'Spring', productIds: ['tea'] }),
    ]
    await put(store, { inserted: { coupons } })
    expect(await store.reads.coupon('b')).toEqual(coupons[1])
    expect(await store.reads.coupon('g')).toEqual(coupons[6])
    expect(await store.reads.coupon('x')).toBeUndefined()
    const place = ({ createdAt, couponId }: { createdAt: number; couponId: string }) => ({
      at: createdAt,
      id: couponId,
    })
    expect(await walk((after) => store.reads.coupons({ limit: 2, after }), place)).toEqual([
      'b',
      'g',
      'f',
      'e',
      'd',
      'c',
      'a',
    ])
    expect(await walk((after) => store.reads.claimableCoupons({ limit: 2, after }), place)).toEqual(['b', 'e', 'a'])
    time = noon + 1
    expect(await walk((after) => store.reads.claimableCoupons({ limit: 9, after }), place)).toEqual([
      'b',
      'e',
      'd',
      'a',
    ])
  })

  test('of a user are listed by time of issue', async () => {
    const coupons = ['a', 'b', 'c'].map((id) => couponOf(id))
    const issued = [
      issuedOf('a', 'ann'),
      issuedOf('b', 'ann', { issuedAt: noon + 5 }),
      issuedOf('c', 'ann'),
      issuedOf('a', 'bob'),
    ]
    await put(store, { inserted: { coupons, issuedCoupons: issued } })
    const first = await store.reads.couponsOf({ userId: 'ann', limit: 1 })
    expect(first).toEqual({ now: noon, found: [{ issued: issued[1], coupon: coupons[1] }] })
    const all = await walk(
      async (after) => (await store.reads.couponsOf({ userId: 'ann', limit: 2, after })).found,
      ({ issued }) => ({ at: issued.issuedAt, id: issued.couponId }),
    )
    expect(all).toEqual(['b', 'c', 'a'])
    expect(await store.reads.couponsOf({ userId: 'cat', limit: 2 })).toEqual({ now: noon, found: [] })
  })
})

describe('orders', () => {
  const orders = [
    orderOf('live'),
    orderOf('late', { expiresAt: noon, createdAt: noon + 2 }),
    orderOf('later', { expiresAt: noon - 1, userId: 'bob' }),
    orderOf('expired', { status: 'expired', expiresAt: noon - 9, createdAt: noon + 1 }),
    paidOrderOf('paid', { lines: orderOf('x').lines }),
    paidOrderOf('refunded', { status: 'refunded' }),
    orderOf('failed', { status: 'failed', expiresAt: null }),
    orderOf('cancelled', { status: 'cancelled', expiresAt: null }),
  ]
  const place = ({ createdAt, orderId }: { createdAt: number; orderId: string }) => ({ at: createdAt, id: orderId })
  const list = (query: { userId?: string; status?: OrderStatus; reference?: string }) =>
    walk(async (after) => (await store.reads.orders({ ...query, limit: 2, after })).found, place)

  beforeEach(() => put(store, { inserted: { orders, entries: [paymentOf('paid')] } }))

  test('are shown one by one with the time', async () => {
    expect(await store.reads.order('paid')).toEqual({ now: noon, found: orders[4] })
    expect(await store.reads.order('none')).toEqual({ now: noon, found: undefined })
  })

  test('are listed newest first', async () => {
    expect(await list({})).toEqual(['late', 'expired', 'refunded', 'paid', 'live', 'later', 'failed', 'cancelled'])
    expect(await list({ userId: 'bob' })).toEqual(['later'])
    expect(await store.reads.orders({ limit: 5, userId: 'nobody' })).toEqual({ now: noon, found: [] })
  })

  test.each<[OrderStatus, string[], string[]]>([
    ['pending', ['live'], ['live']],
    ['expired', ['late', 'expired', 'later'], ['late', 'expired']],
    ['paid', ['paid'], ['paid']],
    ['refunded', ['refunded'], ['refunded']],
    ['failed', ['failed'], ['failed']],
    ['cancelled', ['cancelled'], ['cancelled']],
  ])('are listed as %s by the clock', async (status, all, anns) => {
    expect(await list({ status })).toEqual(all)
    expect(await list({ status, userId: 'ann' })).toEqual(anns)
  })

  test('are found by the reference of their request, which several users may choose', async () => {
    const named = ['1', '2', '3', '4', '5'].map((n) =>
      orderOf(`named-${n}`, {
        userId: n === '2' ? 'bob' : `user-${n}`,
        reference: 'cart',
        createdAt: noon - Number(n),
      }),
    )
    const other = orderOf('other', { userId: 'bob', reference: 'CART' })
    await put(store, {
      inserted: {
        orders: [...named, other],
        references: [...named, other].map(({ orderId, userId, reference, createdAt }) =>
          referenceOf(reference as string, {
            kind: 'order',
            owner: userId,
            userId,
            subjectId: orderId,
            entry: null,
            at: createdAt,
          }),
        ),
      },
    })
    const all = ['named-1', 'named-2', 'named-3', 'named-4', 'named-5']
    expect(await list({ reference: 'cart' })).toEqual(all)
    expect(await list({ reference: 'cart', status: 'pending' })).toEqual(all)
    expect(await list({ reference: 'cart', status: 'expired' })).toEqual([])
    expect(await list({ reference: 'cart', userId: 'bob' })).toEqual(['named-2'])
    expect(await list({ reference: 'cart', userId: 'ann' })).toEqual([])
    expect(await list({ reference: 'none' })).toEqual([])
  })

  test('refuse a status that does not exist', async () => {
    await expect(store.reads.orders({ limit: 1, status: "paid' or true --" as never })).rejects.toThrow(RangeError)
  })

  test('that are overdue are found, the longest overdue first', async () => {
    expect(await store.reads.overdueOrders({ limit: 9 })).toEqual(['later', 'late'])
    expect(await store.reads.overdueOrders({ limit: 1 })).toEqual(['later'])
  })

  test('are shown with their payment', async () => {
    expect(await store.reads.payment('paid-payment')).toEqual({
      now: noon,
      found: { order: orders[4], balance: 500 },
    })
    expect(await store.reads.payment('none')).toEqual({ now: noon, found: undefined })
  })
})

describe('events', () => {
  test('are listed newest first and counted', async () => {
    expect(await store.reads.eventCounts()).toEqual({ pending: 0, sent: 0, dead: 0, oldestPendingAt: null })
    const events = [
      eventOf('o1', 1, { status: 'sent' }),
      eventOf('o1', 2, { at: noon + 2 }),
      eventOf('o2', 1, { at: noon + 1 }),
      eventOf('o3', 1, { status: 'dead', lastError: 'no' }),
    ]
    await put(store, { inserted: { events } })
    const place = ({ at, eventId }: { at: number; eventId: string }) => ({ at, id: eventId })
    const list = (status?: 'pending' | 'sent' | 'dead') =>
      walk((after) => store.reads.events({ limit: 2, after, status }), place)
    expect(await list()).toEqual(['o1-event-2', 'o2-event-1', 'o3-event-1', 'o1-event-1'])
    expect(await list('pending')).toEqual(['o1-event-2', 'o2-event-1'])
    expect(await store.reads.events({ limit: 9, status: 'dead' })).toEqual([events[3]])
    expect(await store.reads.eventCounts()).toEqual({ pending: 2, sent: 1, dead: 1, oldestPendingAt: noon + 1 })
    await expect(store.reads.events({ limit: 1, status: 'lost' as never })).rejects.toThrow(RangeError)
  })
})

test("without its own clock the store uses the database's time", async () => {
  const unclocked = database.store()
  await put(store, {
    inserted: {
      orders: [
        orderOf('past', { expiresAt: Date.now() - 60_000 }),
        orderOf('future', { expiresAt: Date.now() + 60_000 }),
      ],
      products: [productOf('tea', { held: 1 })],
      holds: [holdOf('past', 'tea', { expiresAt: Date.now() - 60_000 })],
    },
  })
  expect(await unclocked.reads.overdueOrders({ limit: 9 })).toEqual(['past'])
  expect((await unclocked.reads.orders({ limit: 9, status: 'expired' })).found).toHaveLength(1)
  expect(await unclocked.reads.product('tea')).toMatchObject({ found: { overdue: 1 } })
  const { now } = await unclocked.reads.order('past')
  expect(Math.abs(now - Date.now())).toBeLessThan(5_000)
})

test('reads do not wait for locks', async () => {
  await put(store, { inserted: { wallets: [walletOf('ann')], orders: [orderOf('o1')] } })
  await database.knex.transaction(async (trx) => {
    await trx.raw('select from shop.wallets for update')
    await trx.raw('select from shop.orders for update')
    expect((await store.reads.wallet('ann')).found).toEqual(walletOf('ann'))
    expect((await store.load(keysOf({ lock: { wallets: ['ann'], orders: ['o1'] } }))).orders).toEqual([orderOf('o1')])
    expect((await store.reads.order('o1')).found).toEqual(orderOf('o1'))
    expect(await store.outlines(['o1'])).toHaveLength(1)
  })
})
