import { knexStore } from '@shop/adapter-knex'
import { createShop, resolvePolicies } from '@shop/core'
import type { Loaded, Store, Transactor } from '@shop/core/store'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clock, modes } from './support/modes.js'
import {
  gate,
  keysOf,
  look,
  openShopDatabase,
  put,
  type ShopDatabase,
  waitingForLocks,
} from './support/open-shop-database.js'
import { changing, couponOf, noon, orderOf, paidOrderOf, productOf, walletOf } from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

const limited = productOf('tea', { purchaseLimit: 3 })
const lines = [
  { productId: 'tea', quantity: 2 },
  { productId: 'mug', quantity: 4 },
]

describe.each(modes)('a transaction ($isolation, pipeline $pipeline)', (mode) => {
  let store: Store
  let clocked: Store

  beforeAll(() => {
    store = database.store({ ...mode, pool: { max: 4 } })
    clocked = database.store({ ...mode, clock })
  })

  test('counts the units of its buyers of locked products with a limit, and of no others', async () => {
    await put(store, {
      inserted: {
        products: [limited, productOf('mug'), productOf('cup', { purchaseLimit: 1 })],
        orders: [
          orderOf('o1', { lines }),
          paidOrderOf('o2', { lines: [...lines, { productId: 'cup' }] }),
          orderOf('o3', { userId: 'bob', lines }),
          orderOf('o4', { userId: 'cat', lines }),
          orderOf('o5', { userId: 'bob', lines, expiresAt: noon }),
        ],
      },
    })
    const keys = { lock: { products: ['mug', 'tea'] }, read: { buyers: ['ann', 'bob', 'dan'] } }
    const bought = [
      { userId: 'ann', productId: 'tea', quantity: 4 },
      { userId: 'bob', productId: 'tea', quantity: 2 },
    ]
    const sorted = ({ purchases }: Awaited<ReturnType<typeof look>>) =>
      [...purchases].sort((a, b) => (a.userId < b.userId ? -1 : 1))
    expect(sorted(await look(clocked, keys))).toEqual(bought)
    expect(sorted(await clocked.load(keysOf(keys)))).toEqual(bought)
    const others = { ...keys, lock: { products: ['mug'] } }
    expect(sorted(await look(clocked, others))).toEqual([])
    expect(sorted(await clocked.load(keysOf(others)))).toEqual([])
  })

  test('counts orders that were placed while it waited for the product', async () => {
    await put(store, { inserted: { products: [limited] } })
    const entered = gate()
    const placed = database.knex.transaction(async (trx) => {
      await knexStore(database.knex)
        .within(trx)
        .transact(keysOf({ lock: { products: ['tea'] } }), ({ products: [tea] }) =>
          changing({
            inserted: { orders: [orderOf('o1', { expiresAt: Date.now() + 60_000 })] },
            updated: { products: tea ? [{ ...tea, held: 2 }] : [] },
          }),
        )
      entered.open()
      await waitingForLocks(database.knex, 1)
    })
    await entered.opened
    const keys = { lock: { products: ['tea'] }, read: { buyers: ['ann'] } }
    const counted = look(store, keys).catch((error) => {
      // At serializable, the decision is repeated instead.
      expect([mode.isolation, error.kind]).toEqual(['serializable', 'conflict'])
      return placed.then(() => look(store, keys))
    })
    const [{ purchases }] = await Promise.all([counted, placed])
    expect(purchases).toEqual([{ userId: 'ann', productId: 'tea', quantity: 2 }])
  })

  test('of a user without a wallet waits for the one before it, and counts its order', async () => {
    const keys = { lock: { wallets: ['ann', 'bob'] }, read: { openOrders: ['ann', 'bob'], users: ['ann'] } }
    await put(store, { inserted: { wallets: [walletOf('bob')] } })
    const entered = gate()
    const place = database.knex.transaction(
      async (trx) => {
        await knexStore(database.knex, { isolation: mode.isolation })
          .within(trx)
          .transact(keysOf(keys), () =>
            changing({ inserted: { orders: [orderOf('o1', { expiresAt: Date.now() + 60_000 })] } }),
          )
        entered.open()
        await waitingForLocks(database.knex, 2)
      },
      { isolationLevel: mode.isolation },
    )
    await entered.opened
    const opened = put(store, { inserted: { wallets: [walletOf('ann')] } }).then(
      () => 'opened',
      ({ kind }) => kind,
    )
    const seen: Loaded['openOrders'][] = []
    const next = store
      .transact(keysOf({ lock: { wallets: ['ann'] }, read: { openOrders: ['ann'] } }), ({ openOrders }) => {
        seen.push(openOrders)
        return changing({ inserted: { orders: [orderOf('o2')] } })
      })
      .then(
        () => seen[0],
        ({ kind }) => kind,
      )
    await place
    // Whichever of the two comes first, the other one is repeated, or sees the order.
    const outcomes = [await opened, await next]
    expect([
      ['opened', 'conflict'],
      ['opened', [{ userId: 'ann', count: 1 }]],
      // At serializable, both are repeated if the first one committed between their reads and their writes.
      ...(mode.isolation === 'serializable' ? [['conflict', 'conflict']] : []),
    ]).toContainEqual(outcomes)
    expect((await look(store, keys)).openOrders).toEqual([{ userId: 'ann', count: 1 }])
  })

  test('that counts open orders leaves no wallet behind', async () => {
    const { users, wallets } = await look(store, {
      lock: { wallets: ['ann'] },
      read: { openOrders: ['ann'], users: ['ann'] },
    })
    expect({ users, wallets }).toEqual({ users: [], wallets: [] })
    expect(await database.knex('shop.wallets').pluck('user_id')).toEqual([])
    await put(store, { inserted: { wallets: [walletOf('ann')] } })
  })

  test('finds coupons by their code in any case, and a second coupon with it is a conflict', async () => {
    await put(store, { inserted: { coupons: [couponOf('c1', { code: 'Spring-26' }), couponOf('c2')] } })
    const found = [{ code: 'spring-26', couponId: 'c1' }]
    expect((await look(store, { read: { couponCodes: ['spring-26', 'x-y'] } })).couponCodes).toEqual(found)
    expect(await store.couponsWithCodes(['spring-26', 'x-y'])).toEqual(found)
    expect(await store.couponsWithCodes([])).toEqual([])
    const again = put(store, { inserted: { coupons: [couponOf('c3', { code: 'SPRING-26' })] } })
    await expect(again).rejects.toMatchObject({ kind: 'conflict' })
  })
})

describe('on two servers', () => {
  const shops = () =>
    [1, 2].map(() =>
      createShop({
        store: database.store({ pool: { max: 6 } }),
        policies: resolvePolicies('standard', { order: { pendingPerUser: 3 } }),
      }),
    )

  test.each(['with', 'without'])('a user %s a wallet has exactly as many open orders as allowed', async (wallet) => {
    const [first, second] = shops()
    if (!first || !second) throw new Error('two shops')
    await first.products.create({ productId: 'tea', name: 'Tea', price: 1, stock: 100 })
    const products = await Promise.all(
      Array.from({ length: 12 }, (_, n) => first.products.create({ name: `P${n}`, price: 1, stock: 1 })),
    )
    if (wallet === 'with') await first.balance.charge({ userId: 'ann', amount: 1_000 })
    const results = await Promise.allSettled(
      products.map(({ productId }, index) =>
        (index % 2 ? first : second).orders.place({ userId: 'ann', products: [{ productId, quantity: 1 }] }),
      ),
    )
    const refused = results.filter((each) => each.status === 'rejected').map(({ reason }) => reason.refusal?.code)
    expect(refused).toEqual(Array.from({ length: 9 }, () => 'TOO_MANY_PENDING_ORDERS'))
    expect((await first.audit()).violations).toEqual([])
    await Promise.all([first.close(), second.close()])
  })

  test('a user gets exactly as many units as the limit allows', async () => {
    const [first, second] = shops()
    if (!first || !second) throw new Error('two shops')
    await first.products.create({ productId: 'tea', name: 'Tea', price: 1, stock: 100, purchaseLimit: 2 })
    const users = ['ann', 'bob', 'cat']
    const results = await Promise.allSettled(
      Array.from({ length: 18 }, (_, index) =>
        (index % 2 ? first : second).orders.place({
          userId: String(users[index % 3]),
          products: [{ productId: 'tea', quantity: 1 }],
        }),
      ),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6)
    expect((await first.products.get({ productId: 'tea' })).stock).toBe(94)
    expect((await first.audit()).violations).toEqual([])
    await Promise.all([first.close(), second.close()])
  })
})

test("inside the caller's transaction, its own orders and coupons count", async () => {
  const store = database.store()
  await put(store, { inserted: { products: [limited] } })
  await database.knex.transaction(async (trx) => {
    const within = knexStore(database.knex, { clock }).within(trx)
    await put(within, { inserted: { orders: [orderOf('o1')], coupons: [couponOf('c1', { code: 'Spring' })] } })
    const keys = {
      lock: { products: ['tea'] },
      read: { buyers: ['ann'], openOrders: ['ann'], couponCodes: ['spring'] },
    }
    const expected = {
      purchases: [{ userId: 'ann', productId: 'tea', quantity: 2 }],
      openOrders: [{ userId: 'ann', count: 1 }],
      couponCodes: [{ code: 'spring', couponId: 'c1' }],
    }
    expect(await look(within, keys)).toMatchObject(expected)
    expect(await within.load(keysOf(keys))).toMatchObject(expected)
    expect(await within.couponsWithCodes(['spring'])).toEqual(expected.couponCodes)
    expect(await store.couponsWithCodes(['spring'])).toEqual([])
  })
})

describe('of products', () => {
  /** Rows of orders that this session has read since it last reported them. */
  const rowsRead = async (trx: Knex.Transaction): Promise<number> => {
    const { rows } = await trx.raw(
      `select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::int as read
       from pg_stat_xact_user_tables where schemaname = 'shop' and relname = 'orders'`,
    )
    return rows[0].read
  }

  test.each([
    ['without a limit no order is', null, 0],
    ['with a limit the orders of the buyers are', 3, 1],
  ])('%s read', async (_, purchaseLimit, expected) => {
    const store = database.store()
    await put(store, {
      inserted: {
        products: [productOf('tea', { purchaseLimit })],
        orders: [orderOf('o1'), orderOf('o2', { userId: 'bob' })],
      },
    })
    const keys = keysOf({ lock: { products: ['tea'] }, read: { buyers: ['ann'] } })
    const calls: readonly ((within: Transactor) => Promise<unknown>)[] = [
      (within) => within.transact(keys, () => changing({})),
      (within) => within.load(keys),
    ]
    for (const call of calls) {
      await database.knex.transaction(async (trx) => {
        await trx.raw('set local enable_seqscan = off')
        const before = await rowsRead(trx)
        await call(knexStore(database.knex, { clock }).within(trx))
        expect((await rowsRead(trx)) - before).toBe(expected)
      })
    }
  })
})
