import { knexStore } from '@shop/adapter-knex'
import { createShop, isShopUnavailable, type Shop } from '@shop/core'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

const buyers = 2_000
const poolSize = 10

let database: ShopDatabase
let host: Knex
let shop: Shop<Knex.Transaction>

const columns = { order_id: 'text', note: 'text' }

beforeAll(async () => {
  database = await openShopDatabase()
  await database.knex.raw('create table gift_notes (order_id text primary key, note text not null)')
  host = database.connect({ pool: { max: poolSize } })
  const store = knexStore(host, { companions: { giftNotes: { table: 'gift_notes', columns } } })
  shop = createShop({ store, limits: { timeoutMs: 120_000 } })
})
afterAll(() => database.drop())
beforeEach(async () => {
  await database.clear()
  await database.knex.raw('truncate gift_notes')
})

const order = (buyer: number) => ({ userId: `u${buyer}`, products: [{ productId: 'mug', quantity: 1 }] })

/** The result of every call, however it ended. */
const allOf = async (call: (buyer: number) => Promise<'won' | 'lost'>): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {}
  await Promise.all(
    Array.from({ length: buyers }, async (_, buyer) => {
      const how = await call(buyer).catch((error: unknown) =>
        isShopUnavailable(error) && !error.ambiguous ? 'told UNAVAILABLE' : String(error),
      )
      counts[how] = (counts[how] ?? 0) + 1
    }),
  )
  return counts
}

const rowsMatch = async (): Promise<number> => {
  const { rows } = await database.knex.raw(
    'select count(*)::int as n, count(o.order_id)::int as joined from gift_notes g full join shop.orders o using (order_id)',
  )
  expect(rows[0].n).toBe(rows[0].joined)
  return rows[0].n
}

describe(`${buyers} buyers at once on a pool of ${poolSize}`, () => {
  test.each([
    { stock: 100, won: 100 },
    { stock: buyers, won: buyers },
  ])('place orders of $stock units with a companion row each, without an error', async ({ stock, won }) => {
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock })
    const counts = await allOf(async (buyer) => {
      const placed = await shop.orders
        .place(order(buyer), { with: { giftNotes: ({ orderId }) => ({ order_id: orderId, note: 'hi' }) } })
        .catch((error: { readonly code?: string }) =>
          error.code === 'STOCK_INSUFFICIENT' ? 'lost' : Promise.reject(error),
        )
      return placed === 'lost' ? 'lost' : 'won'
    })
    expect(counts).toEqual(won === buyers ? { won } : { won, lost: buyers - won })
    expect(await rowsMatch()).toBe(won)
    expect((await shop.audit()).violations).toEqual([])
  })

  test('order in transactions of their own: each is answered, none times out waiting for a connection', async () => {
    const stock = 100
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock })
    const counts = await allOf((buyer) =>
      shop.transaction(async (trx, calls) => {
        const placed = await calls.orders.place(order(buyer))
        if (!placed.ok) return 'lost'
        await trx('gift_notes').insert({ order_id: placed.result.orderId, note: 'hi' })
        expect(await calls.orders.get({ orderId: placed.result.orderId })).toMatchObject({ ok: true })
        return 'won'
      }),
    )
    expect(Object.keys(counts).filter((how) => !['won', 'lost', 'told UNAVAILABLE'].includes(how))).toEqual([])
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(buyers)
    expect(counts['won']).toBe(stock)
    expect(await rowsMatch()).toBe(stock)
    expect((await shop.audit()).violations).toEqual([])
  })

  test('get UNAVAILABLE if no transaction can begin in time, and commands go on meanwhile', async () => {
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: buyers })
    let release = () => {}
    const until = new Promise<void>((resolve) => {
      release = resolve
    })
    const holding = Array.from({ length: poolSize - 2 }, () => shop.transaction(() => until))
    const late = await Promise.allSettled(
      Array.from({ length: 50 }, () => shop.transaction(async () => 'in', { timeoutMs: 50 })),
    )
    expect(late.every((each) => each.status === 'rejected' && isShopUnavailable(each.reason))).toBe(true)
    expect((await shop.orders.place(order(1))).status).toBe('pending')
    release()
    await Promise.all(holding)
    await expect(shop.transaction(async () => 'in')).resolves.toBe('in')
  })
})
