import type { Store } from '@shop/core'
import { lockOrder, nothingLoaded, type SomeKeys } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clock, modes } from './support/modes.js'
import { keysOf, look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import {
  couponOf,
  entryOf,
  eventOf,
  foundIn,
  holdOf,
  issuedOf,
  lotOf,
  noon,
  orderOf,
  paidOrderOf,
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

  describe('loading', () => {
    const coupon = couponOf('c1', {
      discount: { kind: 'percentage', percent: 10, maximum: 3 },
      minimumOrderAmount: 9,
      issued: 1,
      productIds: ['tea', 'mug'],
      code: 'Spring-26',
    })
    const outcome = {
      scope: 'ann',
      key: 'k!"\\',
      fingerprint: 'f',
      outcome: { ok: true, result: { b: 1, a: [null] } },
      at: noon,
    }
    const everything = {
      fences: [{ job: 'expire', token: 7 }],
      rankings: [
        {
          name: 'popular',
          products: [{ productId: 'tea', sold: 2, views: 3 }],
          from: '2026-05-15',
          to: '2026-05-17',
          asOf: noon,
        },
      ],
      events: [eventOf('o1', 1, { lastError: 'it said "no" \\ 안녕' })],
      orders: [
        paidOrderOf('o1', {
          couponId: 'c1',
          droppedLines: [{ productId: 'x', requested: 2, available: 1 }],
          reference: 'cart!"\\7',
          sources: [lotOf('gift', { amount: 600 }), { lotId: null, amount: 1_400 }],
          ...refundedBy(refundOf('r1', { bonusAmount: 10, reason: 'broken "\\', reference: 'r!1', restocked: false })),
          discountWithdrawnBy: 'r1',
          discountedProductIds: ['tea'],
        }),
        orderOf('o2', { lines: [{ productId: 'tea', name: 'Tea', quantity: 2, purchaseLimit: 5 }] }),
      ],
      wallets: [
        walletWith('ann', [lotOf('gift', { expiresAt: noon + 1 }), lotOf('rest', { sequence: 2 })]),
        walletOf('cat', 5, 1),
      ],
      entries: [
        entryOf('ann', 1, { amount: 5, balance: 5, reference: 'pay!"\\' }),
        entryOf('ann', 2, { amount: 5, balance: 10 }),
        entryOf('cat', 1, { kind: 'opening', amount: 5, balance: 5 }),
      ],
      coupons: [coupon],
      issuedCoupons: [issuedOf('c1', 'ann', { usedByOrderId: 'o2', usedUntil: noon + 1 })],
      products: [
        productOf('tea', {
          name: '녹차 "100%" \\ Müg',
          held: 3,
          opensAt: noon,
          closesAt: noon + 1,
          sale: { price: 900, from: noon - 5, until: noon + 5 },
          purchaseLimit: 5,
          metadata: { z: 'null', a: '"\\ 안녕' },
        }),
      ],
      holds: [holdOf('o2', 'tea', { quantity: 3 })],
      outcomes: [outcome],
      references: [
        referenceOf('one!"\\', { kind: 'order', owner: 'ann', subjectId: 'o1', entry: null }),
        referenceOf('one!"\\', { result: { b: 1, a: [null] } }),
      ],
      historyLosses: [
        {
          lossId: 'l1',
          detectedAt: noon,
          groups: 1,
          commands: 2,
          firstAt: noon - 9,
          lastAt: noon - 1,
          fromHistory: null,
          toHistory: '1.2',
          orderIds: ['o1', 'o2'],
          isPartial: true,
          acknowledgedAt: noon,
          note: '"\\ 안녕',
        },
      ],
      repairs: [
        { repairId: 'r', law: 'L', subject: 'product tea', what: 'it', before: null, after: { held: 1 }, at: noon },
      ],
    } satisfies SomeChanges['inserted']

    test('shows every row as it was written', async () => {
      await put(store, {
        inserted: everything,
        sales: [{ timeZone: 'Asia/Seoul', day: '2026-05-17', productId: 'tea', quantity: 4 }],
      })
      const { entries: _, repairs: __, ...looked } = everything
      const keys = {
        lock: {
          fences: ['expire', 'other'],
          rankings: ['popular'],
          events: ['o1-event-1'],
          orders: ['o1', 'o2', 'o3'],
          wallets: ['ann', 'bob', 'cat'],
          coupons: ['c1'],
          issuedCoupons: [
            { couponId: 'c1', userId: 'ann' },
            { couponId: 'c1', userId: 'bob' },
          ],
          products: ['tea'],
          historyLosses: ['l1', 'l2'],
        },
        read: {
          outcomes: [
            { scope: 'ann', key: 'k!"\\' },
            { scope: 'bob', key: 'k!"\\' },
          ],
          references: [
            { reference: 'one!"\\', kind: 'refund', owner: '' },
            { reference: 'two', kind: 'refund', owner: '' },
            { reference: 'one!"\\', kind: 'order', owner: 'ann' },
            { reference: 'one!"\\', kind: 'order', owner: 'bob' },
          ],
          referencedEntries: [
            { reference: 'pay!"\\', kind: 'charge' },
            { reference: 'pay!"\\', kind: 'grant' },
          ],
          openings: ['ann', 'bob', 'cat'],
          buyers: ['ann', 'bob'],
          openOrders: ['ann', 'bob'],
          couponCodes: ['spring-26', 'summer'],
          users: ['ann', 'bob'],
          terms: ['c1', 'c2'],
          sales: [{ timeZone: 'Asia/Seoul', from: '2026-05-15', to: '2026-05-17', size: 5 }],
        },
      } as const satisfies SomeKeys
      const loaded = await look(clocked, keys)
      const { quantity: _q, issued: _i, createdAt: _c, code: _d, events: _e, ...terms } = coupon
      expect(loaded).toEqual({
        ...looked,
        now: noon,
        referencedEntries: everything.entries.slice(0, 1),
        openings: everything.entries.slice(2),
        purchases: [{ userId: 'ann', productId: 'tea', quantity: 3 }],
        openOrders: [{ userId: 'ann', count: 1 }],
        couponCodes: [{ code: 'spring-26', couponId: 'c1' }],
        users: ['ann'],
        terms: [terms],
        sales: [[{ productId: 'tea', name: '녹차 "100%" \\ Müg', price: 1_000, sold: 4, views: 0, createdAt: noon }]],
      })
      expect(await clocked.load(keysOf(keys))).toEqual(loaded)
    })

    test('without locks is one moment, and waits for nobody', async () => {
      await put(store, { inserted: { wallets: [walletOf('ann', 1, 1)], products: [productOf('tea')] } })
      const keys = { lock: { wallets: ['ann'], products: ['tea'] } }
      await database.knex.transaction(async (trx) => {
        await trx.raw(`select from shop.wallets for update`)
        await trx.raw(`update shop.products set stock = 9, supplied = 9`)
        const { wallets, products, now } = await store.load(keysOf(keys))
        expect({ wallets, products }).toEqual({ wallets: [walletOf('ann', 1, 1)], products: [productOf('tea')] })
        expect(Math.abs(now - Date.now())).toBeLessThan(5_000)
      })
      expect(await clocked.load(keysOf({}))).toEqual(nothingLoaded(noon))
    })

    test('keeps the members of outcomes and events in their order', async () => {
      await put(store, { inserted: everything })
      const { outcomes, events } = await look(store, {
        lock: { events: ['o1-event-1'] },
        read: { outcomes: [{ scope: 'ann', key: 'k!"\\' }] },
      })
      expect(JSON.stringify(outcomes[0]?.outcome)).toBe(JSON.stringify(outcome.outcome))
      expect(JSON.stringify(events[0]?.data)).toBe(JSON.stringify(everything.events[0]?.data))
    })

    test('returns only the time if there are no keys', async () => {
      const before = Date.now()
      const loaded = await look(store, {})
      expect(foundIn(loaded)).toEqual({})
      expect(loaded.now).toBeGreaterThanOrEqual(before - 1_000)
      expect(loaded.now).toBeLessThanOrEqual(Date.now() + 1_000)
    })

    test.each(lockOrder)('returns the time with %s alone, found or not', async (name) => {
      const before = Date.now()
      const key =
        name === 'issuedCoupons' ? [{ couponId: 'c1', userId: 'ann' }] : [name === 'rankings' ? 'popular' : 'x']
      const loaded = await look(store, { lock: { [name]: key } })
      expect(foundIn(loaded)).toEqual({})
      expect(loaded.now).toBeGreaterThanOrEqual(before - 1_000)
    })

    test('returns all holds of its orders and the overdue ones of its products, each once', async () => {
      const overdue = { expiresAt: noon }
      await put(store, {
        inserted: {
          products: [productOf('tea', { held: 3 }), productOf('mug', { held: 3 })],
          orders: [orderOf('o1', overdue), orderOf('o2', overdue), orderOf('o3')],
          holds: [
            holdOf('o1', 'tea'),
            holdOf('o1', 'mug', overdue),
            holdOf('o2', 'tea', overdue),
            holdOf('o2', 'mug', { expiresAt: noon + 1 }),
            holdOf('o3', 'tea'),
          ],
        },
      })
      const { holds } = await look(clocked, { lock: { orders: ['o1'], products: ['mug', 'tea'] } })
      const texts = holds.map(({ orderId, productId }) => `${orderId} ${productId}`).sort()
      expect(texts).toEqual(['o1 mug', 'o1 tea', 'o2 tea'])
      expect((await look(clocked, { lock: { products: ['mug'] } })).holds).toHaveLength(1)
      expect((await look(clocked, { lock: { orders: ['o2'] } })).holds).toHaveLength(2)
    })

    test('returns the best sellers of each window, with ties for the last place', async () => {
      const sale = (productId: string, quantity: number, day = '2026-05-17') => ({
        timeZone: 'Asia/Seoul',
        day,
        productId,
        quantity,
      })
      await put(store, {
        inserted: { products: ['a', 'b', 'c', 'd', 'e'].map((id) => productOf(id, { listed: id !== 'e' })) },
        sales: [
          sale('a', 3),
          sale('b', 2),
          sale('b', 2, '2026-05-16'),
          sale('c', 3),
          sale('d', 1),
          sale('e', 9),
          sale('gone', 9),
        ],
      })
      await store.upkeep.addViews(new Map([['a', 5]]))
      const window = { timeZone: 'Asia/Seoul', to: '2026-05-17', size: 2 }
      const { sales } = await look(store, {
        read: {
          sales: [
            { ...window, from: '2026-05-16' },
            { ...window, from: '2026-05-17' },
            { ...window, timeZone: 'UTC', from: '2026-05-17' },
          ],
        },
      })
      const shown = sales.map((list) =>
        list.map(({ productId, sold, views }) => `${productId} ${sold} ${views}`).sort(),
      )
      expect(shown).toEqual([['a 3 5', 'b 4 0', 'c 3 0'], ['a 3 5', 'c 3 0'], []])
    })
  })
})
