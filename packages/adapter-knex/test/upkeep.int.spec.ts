import { dayOf, type Store } from '@shop/core/store'
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
import { changing, eventOf, noon, orderOf, paidOrderOf, productOf, refundedBy, refundOf } from './support/rows.js'

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

const views = () => database.knex('shop.product_views').select('product_id', 'views').orderBy('product_id')

describe('views', () => {
  test('are added; those of unknown products are skipped', async () => {
    await put(store, { inserted: { products: [productOf('tea'), productOf('mug')] } })
    await store.upkeep.addViews(
      new Map([
        ['tea', 2],
        ['gone', 9],
        ['mug', 1],
      ]),
    )
    await store.upkeep.addViews(new Map([['tea', 3]]))
    expect(await views()).toEqual([
      { product_id: 'mug', views: '1' },
      { product_id: 'tea', views: '5' },
    ])
    await store.upkeep.addViews(new Map())
  })

  test('are added by many at once, without deadlock', async () => {
    const ids = Array.from({ length: 1_200 }, (_, index) => `p${String(index).padStart(4, '0')}`)
    await put(store, { inserted: { products: ids.map((id) => productOf(id)) } })
    const counted = (order: readonly string[]) => new Map(order.map((id) => [id, 1]))
    const orders = [ids, [...ids].reverse(), ids.slice(300), [...ids].reverse()]
    await Promise.all(orders.map((order) => store.upkeep.addViews(counted(order))))
    const rows = await views()
    expect(rows).toHaveLength(1_200)
    expect(rows.slice(-900).every(({ views }) => views === '4')).toBe(true)
  })
})

describe('purging', () => {
  const retention = { outcomesMs: 1_000, sentEventsMs: 2_000, groupsMs: 3_000 }
  const outcome = (key: string, at: number) => ({ scope: 'ann', key, fingerprint: 'f', outcome: null, at })

  test('removes rows older than the retention, a limited number at a time', async () => {
    await put(store, {
      inserted: { outcomes: [outcome('a', noon - 1_001), outcome('b', noon - 5_000), outcome('c', noon - 1_000)] },
    })
    expect(await store.upkeep.purge(retention, 1)).toBe(1)
    expect(await database.knex('shop.outcomes').pluck('key').orderBy('key')).toEqual(['a', 'c'])
    expect(await store.upkeep.purge(retention, 9)).toBe(1)
    expect(await store.upkeep.purge(retention, 9)).toBe(0)
  })

  test('removes events by the time since they were sent, and no others', async () => {
    await put(store, { inserted: { events: ['o1', 'o2', 'o3'].map((id) => eventOf(id)) } })
    const claimed = await store.outbox.claimEvents({ limit: 2, leaseMs: 100, lease: 'l' })
    await store.outbox.recordDeliveries(
      claimed.map(({ event: { eventId } }) => ({ eventId, lease: 'l', status: 'sent' })),
    )
    time = noon + 2_000
    expect(await store.upkeep.purge(retention, 9)).toBe(0)
    time = noon + 2_001
    expect(await store.upkeep.purge(retention, 9)).toBe(2)
    expect(await database.knex('shop.events').pluck('order_id')).toEqual(['o3'])
  })

  test('removes old groups', async () => {
    await store.transact(keysOf({}), () => changing({ inserted: { products: [productOf('tea')] } }), { groupId: 'g1' })
    await store.committed('g2')
    time = noon + 3_001
    expect(await store.upkeep.purge(retention, 9)).toBe(2)
  })

  test('by two servers at once counts each row once', async () => {
    await put(store, { inserted: { outcomes: Array.from({ length: 300 }, (_, index) => outcome(`k${index}`, 0)) } })
    const counts = await Promise.all(Array.from({ length: 6 }, () => store.upkeep.purge(retention, 100)))
    const more = await store.upkeep.purge(retention, 300)
    expect(counts.reduce((sum, count) => sum + count, more)).toBe(300)
  })
})

describe('daily sums', () => {
  const sums = async () => {
    const { rows } = await database.knex.raw(
      `select time_zone || ' ' || to_char(day, 'YYYY-MM-DD') || ' ' || product_id || ' ' || sold as sum from shop.sales_of_days order by 1`,
    )
    return rows.map(({ sum }: { sum: string }) => sum)
  }
  const line = (productId: string, quantity: number) => ({ productId, name: 'x', unitPrice: 0, quantity, amount: 0 })
  const paidAt = (orderId: string, at: number, quantity = 1) =>
    paidOrderOf(orderId, { paidAt: at, lines: [line('tea', quantity), line('mug', 1)] })

  // Days of 23 and 25 hours, a zone with a half-hour offset, one beyond the date line, and the times around their midnights.
  const zones = [
    'Asia/Seoul',
    'America/New_York',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Pacific/Kiritimati',
    'Australia/Lord_Howe',
    'UTC',
  ]
  const edges = [
    Date.UTC(2026, 2, 8, 6, 59, 59, 999),
    Date.UTC(2026, 2, 8, 7),
    Date.UTC(2026, 2, 9, 3, 59, 59, 999),
    Date.UTC(2026, 2, 9, 4),
    Date.UTC(2026, 10, 1, 5, 30),
    Date.UTC(2026, 10, 2, 4, 59, 59, 999),
    Date.UTC(2026, 10, 2, 5),
    Date.UTC(2026, 4, 16, 14, 59, 59, 999),
    Date.UTC(2026, 4, 16, 15),
    Date.UTC(2026, 4, 16, 18, 29, 59, 999),
    Date.UTC(2026, 4, 16, 18, 30),
    Date.UTC(2026, 11, 31, 9, 59, 59, 999),
    Date.UTC(2026, 11, 31, 10),
  ]

  test.each(zones)('are rebuilt by the days that core counts in %s', async (zone) => {
    await put(store, {
      inserted: { orders: edges.map((at, index) => paidAt(`o${String(index).padStart(2, '0')}`, at)) },
    })
    expect(await store.upkeep.ensureSales(zone)).toBe(true)
    const days = new Map<string, number>()
    for (const at of edges) days.set(dayOf(at, zone), (days.get(dayOf(at, zone)) ?? 0) + 1)
    const expected = [...days].flatMap(([day, sold]) => ['mug', 'tea'].map((id) => `${zone} ${day} ${id} ${sold}`))
    expect(await sums()).toEqual(expected.sort())
  })

  test('count only paid orders, and are left alone once up to date', async () => {
    await put(store, {
      inserted: {
        orders: [paidAt('a', noon, 3), orderOf('b'), paidOrderOf('c', { status: 'refunded' }), paidAt('d', noon, 2)],
      },
    })
    expect(await store.upkeep.ensureSales('UTC')).toBe(true)
    expect(await sums()).toEqual(['UTC 2026-05-17 mug 2', 'UTC 2026-05-17 tea 5'])
    expect(await store.upkeep.ensureSales('UTC')).toBe(false)
    expect(await store.upkeep.ensureSales('Asia/Seoul')).toBe(true)
    expect(await sums()).toEqual(['Asia/Seoul 2026-05-17 mug 2', 'Asia/Seoul 2026-05-17 tea 5'])
  })

  test('are rebuilt on demand, less the refunded units', async () => {
    const refunded = refundedBy(refundOf('r', { amount: 0, lines: [{ productId: 'tea', quantity: 2, amount: 0 }] }))
    const orders = [{ ...paidAt('a', noon, 3), ...refunded }, paidAt('b', noon - 86_400_000, 1)]
    await put(store, { inserted: { orders } })
    await store.upkeep.ensureSales('UTC')
    const right = ['UTC 2026-05-16 mug 1', 'UTC 2026-05-16 tea 1', 'UTC 2026-05-17 mug 1', 'UTC 2026-05-17 tea 1']
    expect(await sums()).toEqual(right)
    await database.knex.raw(`update shop.daily_sales set sold = sold + 5 where product_id = 'tea'`)
    expect(await store.upkeep.ensureSales('UTC')).toBe(false)
    expect(await sums()).not.toEqual(right)
    expect(await store.upkeep.ensureSales('UTC', { rebuild: true })).toBe(true)
    expect(await sums()).toEqual(right)
  })

  test('are rebuilt after a server with the old zone has added to them', async () => {
    await store.upkeep.ensureSales('UTC')
    await put(store, {
      inserted: { orders: [paidAt('a', noon)] },
      sales: [{ timeZone: 'Asia/Seoul', day: '2026-05-17', productId: 'tea', quantity: 1 }],
    })
    expect(await store.upkeep.ensureSales('UTC')).toBe(true)
    expect(await sums()).toEqual(['UTC 2026-05-17 mug 1', 'UTC 2026-05-17 tea 1'])
  })

  test('wait for payments in progress, and miss none', async () => {
    await put(store, { inserted: { orders: [paidAt('a', noon)] } })
    const inside = gate()
    const done = gate()
    const paying = database.connect().transaction(async (trx) => {
      const { knexStore } = await import('@shop/adapter-knex')
      const within = knexStore(database.knex, { clock: { now: () => noon } }).within(trx)
      await put(within, {
        inserted: { orders: [paidAt('b', noon)] },
        sales: ['tea', 'mug'].map((productId) => ({ timeZone: 'UTC', day: '2026-05-17', productId, quantity: 1 })),
      })
      inside.open()
      await done.opened
    })
    await inside.opened
    const made = store.upkeep.ensureSales('UTC')
    await waitingForLocks(database.knex, 1)
    done.open()
    await paying
    expect(await made).toBe(true)
    expect(await sums()).toEqual(['UTC 2026-05-17 mug 2', 'UTC 2026-05-17 tea 2'])
  })

  test('are rebuilt once for concurrent callers', async () => {
    await put(store, { inserted: { orders: [paidAt('a', noon)] } })
    const made = await Promise.all(Array.from({ length: 5 }, () => store.upkeep.ensureSales('UTC')))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await sums()).toEqual(['UTC 2026-05-17 mug 1', 'UTC 2026-05-17 tea 1'])
  })

  test('refuse a time zone that Postgres does not know', async () => {
    await put(store, { inserted: { orders: [paidAt('a', noon)] } })
    await expect(store.upkeep.ensureSales('Mars/Olympus')).rejects.toMatchObject({ kind: 'rejected' })
    expect((await look(store, { lock: { orders: ['a'] } })).orders).toHaveLength(1)
  })
})
