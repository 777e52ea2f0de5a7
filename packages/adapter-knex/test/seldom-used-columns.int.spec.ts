import { createShop, defaultEventTypes, eventTypes, type Policies, resolvePolicies } from '@shop/core'
import type { Store } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keysOf, look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { changing, entryOf, lotOf, noon, orderOf, type SomeChanges, walletOf, walletWith } from './support/rows.js'
import { tamperWith } from './support/tamper.js'

let database: ShopDatabase
let store: Store
/** The texts of all statements. */
const sent: string[] = []

beforeAll(async () => {
  database = await openShopDatabase()
  const pool = tamperWith(database.connect(), (query, send) => {
    sent.push(query.text)
    return send(query)
  })
  store = database.storeOn(pool, { clock: { now: () => noon } })
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

/** What the transaction of a change writes, by the name of its part: the columns. */
const written = async (work: () => Promise<void>): Promise<Record<string, string[]>> => {
  sent.length = 0
  await work()
  const text = sent.join('\n')
  const inserts = [...text.matchAll(/(\w+)_inserted_\d* as \(insert into \S+ \(([^)]*)\)/g)]
  const updates = [...text.matchAll(/(\w+_(?:hot|changing)) as \(update \S+ t set (.*)\n/g)]
  return Object.fromEntries([
    ...inserts.map(([, name, columns]) => [name, columns?.split(', ')]),
    ...updates.map(([, name, sets]) => [name, [...(sets ?? '').matchAll(/(\w+) = /g)].map(([, column]) => column)]),
  ])
}

const change = (changes: SomeChanges, wallets: readonly string[] = []) =>
  store.transact(keysOf({ lock: { wallets } }), () => changing(changes))

describe('what nobody uses costs nothing:', () => {
  test('rows without bonus money, references and refunds leave the columns for them out', async () => {
    const columns = await written(() =>
      change({ inserted: { wallets: [walletOf('ann')], entries: [entryOf('ann', 1)], orders: [orderOf('o1')] } }),
    )
    expect(columns).toEqual({
      wallets: ['user_id', 'balance', 'entries', 'created_at'],
      entries: ['user_id', 'sequence', 'entry_id', 'kind', 'amount', 'balance', 'order_id', 'at'],
      orders: expect.not.arrayContaining(['reference', 'sources', 'refunds']),
    })
  })

  test('one row that has some is written with these, and rows beside it with null', async () => {
    const entries = [entryOf('ann', 1, { reference: 'r', metadata: {} }), entryOf('bob', 1)]
    const columns = await written(() => change({ inserted: { entries } }))
    expect(columns).toEqual({
      entries: [
        'user_id',
        'sequence',
        'entry_id',
        'kind',
        'amount',
        'balance',
        'order_id',
        'at',
        'reference',
        'metadata',
      ],
    })
    for (const entry of entries) {
      expect(await store.reads.entries({ userId: entry.userId, limit: 1 })).toEqual([entry])
    }
    expect(await database.knex('shop.wallet_entries').whereNull('metadata').pluck('user_id')).toEqual(['bob'])
  })

  test('a change of a balance writes no other column, also beside a wallet whose lots change', async () => {
    const lots = [lotOf('l', { amount: 400, expiresAt: noon + 5 })]
    await put(store, { inserted: { wallets: [walletOf('ann', 9), walletWith('bob', lots), walletWith('cat', lots)] } })
    const ids = ['ann', 'bob', 'cat', 'dan']
    const columns = await written(() =>
      store.transact(keysOf({ lock: { wallets: ids } }), ({ wallets }) =>
        changing({
          updated: {
            wallets: wallets.map((wallet) => {
              const paid = { ...wallet, balance: wallet.balance - 1, entries: wallet.entries + 1 }
              return wallet.userId === 'cat' ? { ...paid, lots: null } : paid
            }),
          },
        }),
      ),
    )
    expect(columns).toEqual({
      wallets_hot: ['balance', 'entries'],
      wallets_changing: ['balance', 'entries', 'lots', 'bonus', 'next_lot_end'],
    })
    expect((await look(store, { lock: { wallets: ids } })).wallets).toEqual([
      walletOf('ann', 8, 1),
      { ...walletWith('bob', lots), balance: 999, entries: 2 },
      { ...walletOf('cat', 999, 2) },
    ])
    expect(await database.knex('shop.wallets').select('bonus', 'next_lot_end').orderBy('user_id')).toEqual([
      { bonus: null, next_lot_end: null },
      { bonus: '400', next_lot_end: new Date(noon + 5) },
      { bonus: null, next_lot_end: null },
    ])
  })

  test('an update of a row that was not loaded writes all its columns', async () => {
    await put(store, { inserted: { wallets: [walletWith('ann', [lotOf('l')])] } })
    expect(await written(() => change({ updated: { wallets: [walletOf('ann', 5, 2)] } }))).toEqual({
      wallets_changing: ['balance', 'entries', 'lots', 'bonus', 'next_lot_end'],
    })
    expect((await look(store, { lock: { wallets: ['ann'] } })).wallets).toEqual([walletOf('ann', 5, 2)])
  })

  test('events that are off write no column: a copy of a coupon counts, a charge and an order are as they were', async () => {
    const terms = { name: 'C', discount: { kind: 'fixed', amount: 1 }, quantity: 9, validUntil: noon + 1_000 } as const
    const columnsUnder = async (events: Policies['events'], id: string) => {
      const shop = createShop({ store, policies: resolvePolicies('standard', { events }) })
      await shop.coupons.create({ ...terms, couponId: id })
      await shop.products.create({ productId: id, name: 'Mug', price: 100, stock: 5 })
      const columns = [
        await written(async () => void (await shop.coupons.issue({ userId: 'ann', couponId: id }))),
        await written(async () => void (await shop.balance.charge({ userId: id, amount: 5 }))),
        await written(
          async () => void (await shop.orders.place({ userId: 'ann', products: [{ productId: id, quantity: 1 }] })),
        ),
      ]
      await shop.close()
      return columns
    }
    const [issued, charged, ordered] = await columnsUnder(defaultEventTypes, 'off')
    expect(issued).toEqual({
      coupons_hot: ['issued'],
      issuedCoupons: ['coupon_id', 'user_id', 'issued_at', 'used_by_order_id', 'used_until'],
    })
    expect(Object.keys(charged ?? {}).sort()).toEqual(['entries', 'wallets'])
    expect(ordered).toMatchObject({
      orders: expect.not.arrayContaining(['event_types']),
      products_hot: ['supplied', 'stock', 'held'],
    })
    expect(ordered).not.toHaveProperty('events')

    const [issuedOn, chargedOn, orderedOn] = await columnsUnder(eventTypes, 'on')
    expect(issuedOn).toMatchObject({ coupons_changing: expect.arrayContaining(['issued', 'events']) })
    expect(issuedOn).toHaveProperty('events')
    expect(chargedOn).toHaveProperty('events')
    expect(orderedOn).toMatchObject({
      orders: expect.arrayContaining(['event_types']),
      products_changing: expect.arrayContaining(['held', 'events']),
    })
  })
})
