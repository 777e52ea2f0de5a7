import { knexStore } from '@shop/adapter-knex'
import type { Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysOf, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import {
  changing,
  couponOf,
  entryOf,
  eventOf,
  holdOf,
  issuedOf,
  noon,
  orderOf,
  paidOrderOf,
  productOf,
  referenceOf,
  walletOf,
} from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

/** The settings under which the store runs its own transactions. */
const settingsOf = async (pool: Knex): Promise<string[]> => {
  const acquire = pool.client.acquireConnection.bind(pool.client)
  const begins: string[] = []
  pool.client.acquireConnection = async () => {
    const connection = await acquire()
    const query = connection.query.bind(connection)
    connection.query = (config: { text: string }, ...more: unknown[]) => {
      if (config.text.startsWith('begin')) begins.push(config.text)
      return query(config, ...more)
    }
    return connection
  }
  await knexStore(pool).transact(keysOf({}), () => changing({}))
  pool.client.acquireConnection = acquire
  return begins[0]?.split('; ').slice(1) ?? []
}

test('groups read hardly more rows than they name, however fast the tables grow', async () => {
  await database.knex.raw('analyze')
  const store = database.store()
  const numbers = Array.from({ length: 4_000 }, (_, index) => String(index).padStart(5, '0'))
  await put(store, {
    inserted: {
      wallets: numbers.map((n) => walletOf(`u${n}`)),
      products: numbers.map((n) => productOf(`p${n}`, { held: 1, purchaseLimit: 1 })),
      orders: numbers.map((n) => orderOf(`o${n}`, { userId: `u${n}`, expiresAt: Date.now() + 60_000 })),
      coupons: numbers.map((n) => couponOf(`c${n}`, { code: `Code-${n}` })),
      holds: numbers.map((n) => holdOf(`o${n}`, `p${n}`, { expiresAt: Date.now() + 60_000 })),
      issuedCoupons: numbers.map((n) => issuedOf('hot', `u${n}`)),
      events: numbers.map((n) => eventOf(`o${n}`)),
      outcomes: numbers.map((n) => ({ scope: 'everybody', key: `k${n}`, fingerprint: 'f', outcome: null, at: noon })),
      references: numbers.map((n) => referenceOf(`r${n}`)),
      entries: numbers.map((n, index) => entryOf(`u${n}`, 1, { reference: index % 2 === 0 ? `r${n}` : null })),
    },
  })
  const pool = database.connect({ pool: { max: 1 } })
  const settings = await settingsOf(pool)
  expect(settings).toContain('set local enable_seqscan = off')
  const named = numbers.filter((_, index) => index % 200 === 0)
  const keys = keysOf({
    lock: {
      wallets: named.map((n) => `u${n}`),
      products: named.map((n) => `p${n}`),
      orders: named.map((n) => `o${n}`),
      events: named.map((n) => `o${n}-event-1`),
      issuedCoupons: named.map((n) => ({ couponId: 'hot', userId: `u${n}` })),
    },
    read: {
      buyers: named.map((n) => `u${n}`),
      openOrders: named.map((n) => `u${n}`),
      couponCodes: named.map((n) => `code-${n}`),
      openings: named.map((n) => `u${n}`),
      users: named.map((n) => `u${n}`),
      outcomes: named.map((n) => ({ scope: 'everybody', key: `k${n}` })),
      references: named.map((n) => ({ kind: 'refund', owner: '', reference: `r${n}` })),
      referencedEntries: named.map((n) => ({ kind: 'charge', reference: `r${n}` })),
    },
  })
  const read = await pool.transaction(async (trx) => {
    for (const setting of settings) await trx.raw(setting)
    await knexStore(pool)
      .within(trx)
      .transact(keys, (loaded) =>
        changing({
          updated: {
            wallets: loaded.wallets,
            orders: named.map((n) => paidOrderOf(`o${n}`)),
            events: loaded.events,
            issuedCoupons: loaded.issuedCoupons,
            products: loaded.products.map((product) => ({ ...product, held: 0 })),
          },
          removed: { holds: loaded.holds },
        }),
      )
    const { rows } = await trx.raw(
      `select relname, seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables where schemaname = 'shop'`,
    )
    return new Map(rows.map((row: { relname: string; rows: string }) => [row.relname, Number(row.rows)]))
  })
  for (const table of [
    'wallets',
    'products',
    'orders',
    'holds',
    'issued_coupons',
    'coupons',
    'events',
    'outcomes',
    'permanent_references',
    'wallet_entries',
  ]) {
    expect(read.get(table), table).toBeGreaterThanOrEqual(20)
    expect(read.get(table), table).toBeLessThan(200)
  }
})
