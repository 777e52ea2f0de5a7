import { type Keys, type Loaded, lockOrder, type Store } from '@shop/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  gate,
  keysOf,
  look,
  openShopDatabase,
  put,
  type ShopDatabase,
  waitingForLocks,
} from './support/open-shop-database.js'
import {
  changing,
  couponOf,
  entryOf,
  eventOf,
  foundIn,
  holdOf,
  issuedOf,
  noon,
  nothing,
  orderOf,
  paidOrderOf,
  paymentOf,
  productOf,
  type SomeChanges,
  walletOf,
} from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

const clock = { now: () => noon }

describe.each([
  { pipeline: true, isolation: 'read committed' },
  { pipeline: false, isolation: 'read committed' },
  { pipeline: true, isolation: 'serializable' },
  { pipeline: false, isolation: 'serializable' },
] as const)('a transaction ($isolation, pipeline $pipeline)', (mode) => {
  let store: Store
  let clocked: Store

  beforeAll(() => {
    store = database.store({ ...mode, pool: { max: 12 } })
    clocked = database.store({ ...mode, clock })
  })
  beforeEach(() => database.clear())

  /** Tries again what collided, as the executor does. */
  const untilNoConflict = async (work: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if ((error as { kind?: string }).kind !== 'conflict') throw error
      }
    }
  }

  describe('loading', () => {
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
        paidOrderOf('o1', { couponId: 'c1', droppedLines: [{ productId: 'x', requested: 2, available: 1 }] }),
        orderOf('o2'),
      ],
      wallets: [walletOf('ann', 5, 1)],
      entries: [entryOf('ann', 1, { amount: 5, balance: 5 })],
      coupons: [
        couponOf('c1', { discount: { kind: 'percentage', percent: 10, maximum: 3 }, minimumOrderAmount: 9, issued: 1 }),
      ],
      issuedCoupons: [issuedOf('c1', 'ann', { usedByOrderId: 'o2', usedUntil: noon + 1 })],
      products: [productOf('tea', { name: '녹차 "100%" \\ Müg', held: 3 })],
      holds: [holdOf('o2', 'tea', { quantity: 3 })],
      payments: [paymentOf('o1')],
      outcomes: [
        { scope: 'ann', key: 'k!"\\', fingerprint: 'f', outcome: { ok: true, result: { b: 1, a: [null] } }, at: noon },
      ],
    } satisfies SomeChanges['inserted']

    test('shows every row as it was written', async () => {
      await put(store, {
        inserted: everything,
        sales: [{ timeZone: 'Asia/Seoul', day: '2026-05-17', productId: 'tea', quantity: 4 }],
      })
      const { entries: _, payments: __, ...looked } = everything
      const loaded = await look(clocked, {
        fences: ['expire', 'other'],
        rankings: ['popular'],
        events: ['o1-event-1'],
        orders: ['o1', 'o2', 'o3'],
        wallets: ['ann', 'bob'],
        coupons: ['c1'],
        issuedCoupons: [
          { couponId: 'c1', userId: 'ann' },
          { couponId: 'c1', userId: 'bob' },
        ],
        products: ['tea'],
        outcomes: [
          { scope: 'ann', key: 'k!"\\' },
          { scope: 'bob', key: 'k!"\\' },
        ],
        users: ['ann', 'bob'],
        terms: ['c1', 'c2'],
        sales: [{ timeZone: 'Asia/Seoul', from: '2026-05-15', to: '2026-05-17', size: 5 }],
      })
      const { quantity: _q, issued: _i, createdAt: _c, ...terms } = everything.coupons[0]
      expect(loaded).toEqual({
        ...looked,
        now: noon,
        users: ['ann'],
        terms: [terms],
        sales: [[{ productId: 'tea', sold: 4, views: 0, createdAt: noon }]],
      })
    })

    test('keeps the members of outcomes and events in their order', async () => {
      await put(store, { inserted: everything })
      const { outcomes, events } = await look(store, {
        outcomes: [{ scope: 'ann', key: 'k!"\\' }],
        events: ['o1-event-1'],
      })
      expect(JSON.stringify(outcomes[0]?.outcome)).toBe(JSON.stringify(everything.outcomes[0].outcome))
      expect(JSON.stringify(events[0]?.data)).toBe(JSON.stringify(everything.events[0]?.data))
    })

    test('shows nothing but the time where nothing is asked for', async () => {
      const before = Date.now()
      const loaded = await look(store, {})
      expect(foundIn(loaded)).toEqual({})
      expect(loaded.now).toBeGreaterThanOrEqual(before - 1_000)
      expect(loaded.now).toBeLessThanOrEqual(Date.now() + 1_000)
    })

    test.each(lockOrder)('tells the time with %s alone, found or not', async (name) => {
      const before = Date.now()
      const key =
        name === 'issuedCoupons' ? [{ couponId: 'c1', userId: 'ann' }] : [name === 'rankings' ? 'popular' : 'x']
      const loaded = await look(store, { [name]: key } as Partial<Keys>)
      expect(foundIn(loaded)).toEqual({})
      expect(loaded.now).toBeGreaterThanOrEqual(before - 1_000)
    })

    test('shows all holds of its orders and the overdue ones of its products, each once', async () => {
      const overdue = { expiresAt: noon }
      await put(store, {
        inserted: {
          products: [productOf('tea', { held: 3 }), productOf('mug', { held: 3 })],
          holds: [
            holdOf('o1', 'tea'),
            holdOf('o1', 'mug', overdue),
            holdOf('o2', 'tea', overdue),
            holdOf('o2', 'mug', { expiresAt: noon + 1 }),
            holdOf('o3', 'tea'),
          ],
        },
      })
      const { holds } = await look(clocked, { orders: ['o1'], products: ['mug', 'tea'] })
      const texts = holds.map(({ orderId, productId }) => `${orderId} ${productId}`).sort()
      expect(texts).toEqual(['o1 mug', 'o1 tea', 'o2 tea'])
      expect((await look(clocked, { products: ['mug'] })).holds).toHaveLength(1)
      expect((await look(clocked, { orders: ['o2'] })).holds).toHaveLength(2)
    })

    test('shows the best sellers of each window, ties with the last place included', async () => {
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
        sales: [
          { ...window, from: '2026-05-16' },
          { ...window, from: '2026-05-17' },
          { ...window, timeZone: 'UTC', from: '2026-05-17' },
        ],
      })
      const shown = sales.map((list) =>
        list.map(({ productId, sold, views }) => `${productId} ${sold} ${views}`).sort(),
      )
      expect(shown).toEqual([['a 3 5', 'b 4 0', 'c 3 0'], ['a 3 5', 'c 3 0'], []])
    })
  })

  describe('locking', () => {
    test('lets two that share a row never overlap', async () => {
      await put(store, { inserted: { wallets: [walletOf('ann')] } })
      let inside = 0
      const addOne = () =>
        store.transact(keysOf({ wallets: ['ann'] }), ({ wallets: [wallet] }) => {
          if (!wallet) throw new Error('no wallet')
          inside += 1
          const entries = wallet.entries + 1
          return changing({
            updated: { wallets: [{ ...wallet, balance: wallet.balance + 1, entries }] },
            inserted: { entries: [entryOf('ann', entries, { amount: 1, balance: entries })] },
          })
        })
      await Promise.all(Array.from({ length: 40 }, () => untilNoConflict(addOne)))
      expect(inside).toBeGreaterThanOrEqual(40)
      expect((await look(store, { wallets: ['ann'] })).wallets).toEqual([walletOf('ann', 40, 40)])
    })

    test('takes rows in one order, so that crossing groups never lock each other out', async () => {
      const products = Array.from({ length: 8 }, (_, index) => `p${index}`)
      await put(store, {
        inserted: { wallets: [walletOf('ann'), walletOf('bob')], products: products.map((id) => productOf(id)) },
      })
      const touch = (wallets: string[], some: string[]) => () =>
        store.transact(keysOf({ wallets, products: some }), (loaded) =>
          changing({ updated: { products: loaded.products.map((each) => ({ ...each, price: each.price + 1 })) } }),
        )
      const crossing = Array.from({ length: 24 }, (_, index) => {
        const some = products.filter((_, number) => (number + index) % 3 > 0)
        return touch(index % 2 ? ['ann'] : ['bob', 'ann'], index % 4 > 1 ? some.reverse() : some)
      })
      // At read committed nothing may collide at all: a deadlock would come out as a conflict.
      const run = mode.isolation === 'serializable' ? untilNoConflict : (work: () => Promise<void>) => work()
      await Promise.all(crossing.map(run))
    })

    test('shows what was committed while it waited for a lock, in tables that are locked later and in those that are not', async () => {
      await put(store, { inserted: { coupons: [couponOf('c1', { quantity: 1 })] } })
      const entered = gate()
      const issue = (userId: string, seen: Loaded[]) => () =>
        store.transact(
          keysOf({
            coupons: ['c1'],
            issuedCoupons: [{ couponId: 'c1', userId }],
            outcomes: [{ scope: userId, key: 'k' }],
            users: [userId],
          }),
          (loaded) => {
            seen.push(loaded)
            const [coupon] = loaded.coupons
            if (!coupon || loaded.issuedCoupons.length > 0) return nothing
            return changing({
              updated: { coupons: [{ ...coupon, issued: coupon.issued + 1 }] },
              inserted: {
                issuedCoupons: [issuedOf('c1', userId)],
                wallets: [walletOf(userId)],
                outcomes: [{ scope: userId, key: 'k', fingerprint: 'f', outcome: {}, at: noon }],
              },
            })
          },
        )
      const blocker = database.connect()
      const blocked = blocker.transaction(async (trx) => {
        await trx.raw(`select from shop.coupons where coupon_id = 'c1' for no key update`)
        entered.open()
        await waitingForLocks(database.knex, 2)
      })
      await entered.opened
      const seen: Loaded[][] = [[], []]
      await Promise.all([blocked, ...seen.map((each) => untilNoConflict(issue('ann', each)))])
      const last = seen.map((each) => each.at(-1))
      expect(last.map((loaded) => loaded?.issuedCoupons.length).sort()).toEqual([0, 1])
      const second = last.find((loaded) => loaded?.issuedCoupons.length === 1)
      expect(second?.coupons[0]?.issued).toBe(1)
      expect(second?.users).toEqual(['ann'])
      expect(second?.outcomes).toHaveLength(1)
    })

    test('reads the time when the locks are held', async () => {
      await put(store, { inserted: { wallets: [walletOf('ann')] } })
      const entered = gate()
      let releasedAt = 0
      const blocked = database.knex.transaction(async (trx) => {
        await trx.raw(`select from shop.wallets where user_id = 'ann' for no key update`)
        entered.open()
        await waitingForLocks(database.knex, 1)
        const { rows } = await trx.raw('select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now')
        releasedAt = rows[0].now
      })
      await entered.opened
      const [{ now }] = await Promise.all([look(store, { wallets: ['ann'] }), blocked])
      expect(now).toBeGreaterThanOrEqual(releasedAt)
    })

    test('does not lock what is only looked at', async () => {
      await put(store, { inserted: { wallets: [walletOf('ann')], coupons: [couponOf('c1')] } })
      const inside = gate()
      const done = gate()
      const holding = database.knex.transaction(async (trx) => {
        await trx.raw('select from shop.wallets for no key update')
        await trx.raw('select from shop.coupons for no key update')
        inside.open()
        await done.opened
      })
      await inside.opened
      const loaded = await look(store, { users: ['ann'], terms: ['c1'] })
      expect(loaded.users).toEqual(['ann'])
      done.open()
      await holding
    })
  })

  describe('rows that are not there', () => {
    test('a row that somebody else inserted after the look is a conflict', async () => {
      const register = store.transact(keysOf({ wallets: ['ann'] }), () => {
        throw new Error('unreachable: decided below')
      })
      await expect(register).rejects.toThrow('unreachable')
      await put(store, { inserted: { wallets: [walletOf('ann')] } })
      await expect(put(store, { inserted: { wallets: [walletOf('ann')] } })).rejects.toMatchObject({ kind: 'conflict' })
    })

    test('of many that insert one row, one wins and the others conflict', async () => {
      const all = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => put(store, { inserted: { wallets: [walletOf('ann', index)] } })),
      )
      const lost = all.filter((each) => each.status === 'rejected')
      expect(lost).toHaveLength(7)
      for (const { reason } of lost) expect(reason).toMatchObject({ name: 'StoreError', kind: 'conflict' })
    })

    test('a decision that rests on an absence does not commit once the row has appeared', async () => {
      await put(store, { inserted: { products: [productOf('tea')] } })
      const entered = gate()
      const blocked = database.knex.transaction(async (trx) => {
        await trx.raw('select from shop.products for no key update')
        entered.open()
        await waitingForLocks(database.knex, 1)
        await database.knex.raw(
          `insert into shop.issued_coupons (coupon_id, user_id, issued_at) values ('c1', 'ann', now())`,
        )
      })
      await entered.opened
      const decided: number[] = []
      const redeem = store.transact(
        keysOf({ issuedCoupons: [{ couponId: 'c1', userId: 'ann' }], products: ['tea'] }),
        ({ issuedCoupons }) => {
          decided.push(issuedCoupons.length)
          return changing({
            inserted: { outcomes: [{ scope: 'ann', key: 'k', fingerprint: 'f', outcome: 'not owned', at: noon }] },
          })
        },
      )
      const [outcome] = await Promise.allSettled([redeem, blocked])
      expect(decided).toEqual([0])
      // At serializable the reader may stand before the writer: then the absence is a consistent answer.
      if (mode.isolation === 'serializable') return
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'conflict' } })
      expect((await look(store, { outcomes: [{ scope: 'ann', key: 'k' }] })).outcomes).toEqual([])
    })
  })

  describe('saving', () => {
    test('writes inserts, updates, removals and sums in one', async () => {
      await put(store, {
        inserted: { products: [productOf('tea', { held: 1 })], holds: [holdOf('o1', 'tea')], orders: [orderOf('o1')] },
        sales: [{ timeZone: 'UTC', day: '2026-05-17', productId: 'tea', quantity: 2 }],
      })
      const paid = paidOrderOf('o1')
      const changed = productOf('tea', { stock: 9, name: 'Grün%', price: 7, listed: false, supplied: 12 })
      await put(store, {
        updated: { products: [changed], orders: [paid] },
        removed: { holds: [holdOf('o1', 'tea')] },
        inserted: { holds: [holdOf('o2', 'tea')], payments: [paymentOf('o1')], events: [eventOf('o1')] },
        sales: [
          { timeZone: 'UTC', day: '2026-05-17', productId: 'tea', quantity: -1 },
          { timeZone: 'UTC', day: '2026-05-18', productId: 'tea', quantity: 5 },
        ],
      })
      const loaded = await look(clocked, { products: ['tea'], orders: ['o1', 'o2'], events: ['o1-event-1'] })
      expect(loaded.products).toEqual([changed])
      expect(loaded.orders).toEqual([paid])
      expect(loaded.holds).toEqual([holdOf('o2', 'tea')])
      expect(loaded.events).toEqual([eventOf('o1')])
      expect(await database.knex('shop.daily_sales').select('sold').orderBy('day')).toEqual([
        { sold: '1' },
        { sold: '5' },
      ])
      expect(await store.reads.payment('o1-payment')).toMatchObject({
        found: { payment: paymentOf('o1'), order: paid },
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
      expect(foundIn(await look(store, { wallets: ['ann'], orders: ['o'] }))).toEqual({})
    })

    test.each<[string, SomeChanges]>([
      ['a negative balance', { inserted: { wallets: [walletOf('ann', -1)] } }],
      ['a balance beyond the exact integers', { inserted: { wallets: [walletOf('ann', 2 ** 53)] } }],
      ['more held than there is', { inserted: { products: [productOf('tea', { held: 11 })] } }],
      ['more stock than was supplied', { inserted: { products: [productOf('tea', { stock: 11 })] } }],
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
    ])('rejects %s', async (_, changes) => {
      await expect(put(store, changes)).rejects.toMatchObject({
        name: 'StoreError',
        kind: 'rejected',
        isRetryable: false,
      })
    })

    test.each<[string, SomeChanges]>([
      [
        'a second payment of one order',
        { inserted: { payments: [paymentOf('o1'), paymentOf('o1', { paymentId: 'other' })] } },
      ],
      [
        'a second event with one number',
        { inserted: { events: [eventOf('o1'), eventOf('o1', 1, { eventId: 'other' })] } },
      ],
      [
        'a second charge for one order',
        {
          inserted: {
            entries: [1, 2].map((sequence) => entryOf('ann', sequence, { kind: 'payment', amount: 0, orderId: 'o1' })),
          },
        },
      ],
      [
        'a second paid order with one copy of a coupon',
        { inserted: { orders: [paidOrderOf('o1', { couponId: 'c' }), paidOrderOf('o2', { couponId: 'c' })] } },
      ],
      ['an update of what is not there', { updated: { wallets: [walletOf('ann')] } }],
      ['a removal of what is not there', { removed: { holds: [holdOf('o', 'p')] } }],
    ])('conflicts on %s', async (_, changes) => {
      await expect(put(store, changes)).rejects.toMatchObject({ kind: 'conflict' })
    })

    test('an update of which one row is gone writes nothing', async () => {
      await put(store, { inserted: { wallets: [walletOf('ann'), walletOf('cat')] } })
      const updated = { wallets: ['ann', 'bob', 'cat'].map((userId) => walletOf(userId, 5)) }
      await expect(put(store, { updated })).rejects.toMatchObject({ kind: 'conflict' })
      expect((await look(store, { wallets: ['ann'] })).wallets).toEqual([walletOf('ann')])
    })

    test('what the decision throws comes out as it is, and nothing is written', async () => {
      const bug = new Error('a bug')
      await expect(
        store.transact(keysOf({ wallets: ['ann'] }), () => {
          throw bug
        }),
      ).rejects.toBe(bug)
      // The connection is as good as before.
      await put(store, { inserted: { wallets: [walletOf('ann')] } })
    })

    test('takes a large group', async () => {
      const ids = Array.from({ length: 3_000 }, (_, index) => `user-${String(index).padStart(5, '0')}`)
      await put(store, { inserted: { wallets: ids.map((id) => walletOf(id)) } })
      await store.transact(keysOf({ wallets: ids }), ({ wallets }) =>
        changing({ updated: { wallets: wallets.map((wallet) => ({ ...wallet, balance: 7 })) } }),
      )
      const { wallets } = await look(store, { wallets: ids })
      expect(wallets).toHaveLength(3_000)
      expect(wallets.every(({ balance }) => balance === 7)).toBe(true)
    })
  })

  test('keeps instants to the millisecond, from the first that Postgres knows to the last that JavaScript does', async () => {
    const instants = [-210_866_803_200_000, -1, 0, 1, noon + 1, 253_402_300_799_999, 8.64e15]
    await put(store, {
      inserted: { wallets: instants.map((createdAt, index) => ({ ...walletOf(`w${index}`), createdAt })) },
    })
    const { wallets } = await look(store, { wallets: instants.map((_, index) => `w${index}`) })
    expect(wallets.map(({ createdAt }) => createdAt)).toEqual(instants)
  })

  test('outlines what never changes of orders', async () => {
    const lines = ['b', 'a'].map((productId) => ({ productId, name: 'x', unitPrice: 1, quantity: 1, amount: 1 }))
    await put(store, { inserted: { orders: [orderOf('o1', { lines, couponId: 'c' }), orderOf('o2')] } })
    const outlines = await store.outlines(['o1', 'o2', 'o3'])
    expect([...outlines].sort((a, b) => (a.orderId < b.orderId ? -1 : 1))).toEqual([
      { orderId: 'o1', userId: 'ann', couponId: 'c', productIds: ['b', 'a'] },
      { orderId: 'o2', userId: 'ann', couponId: null, productIds: ['tea'] },
    ])
    expect(await store.outlines([])).toEqual([])
  })

  test('tells a group that committed from one that did not, and stays with its answer', async () => {
    await store.transact(keysOf({}), () => changing({ inserted: { wallets: [walletOf('ann')] } }), { groupId: 'g1' })
    expect(await store.committed('g1')).toBe(true)
    expect(await store.committed('g1')).toBe(true)
    expect(await store.committed('g2')).toBe(false)
    expect(await store.committed('g2')).toBe(false)
    const late = store.transact(keysOf({}), () => changing({ inserted: { wallets: [walletOf('bob')] } }), {
      groupId: 'g2',
    })
    await expect(late).rejects.toMatchObject({ kind: 'conflict' })
    expect((await look(store, { wallets: ['bob'] })).wallets).toEqual([])
  })
})
