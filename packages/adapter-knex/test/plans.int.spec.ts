import { knexStore } from '@shop/adapter-knex'
import type { Knex } from 'knex'
import { expect, test } from 'vitest'
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

const inserted = (numbers: readonly string[]) => ({
  wallets: numbers.map((n) => walletOf(`u${n}`)),
  products: numbers.map((n) => productOf(`p${n}`, { held: 1, purchaseLimit: 1 })),
  orders: numbers.map((n) => orderOf(`o${n}`, { userId: `u${n}`, expiresAt: Date.now() + 60_000 })),
  coupons: numbers.map((n) => couponOf(`c${n}`, { code: `Code-${n}` })),
  holds: numbers.flatMap((n) =>
    ['hot', `p${n}`].map((product) => holdOf(`o${n}`, product, { expiresAt: Date.now() + 60_000 })),
  ),
  issuedCoupons: numbers.map((n) => issuedOf('hot', `u${n}`)),
  events: numbers.map((n) => eventOf(`o${n}`)),
  outcomes: numbers.map((n) => ({ scope: 'everybody', key: `k${n}`, fingerprint: 'f', outcome: null, at: noon })),
  references: numbers.map((n) => referenceOf(`r${n}`)),
  entries: numbers.map((n, index) => entryOf(`u${n}`, 1, { reference: index % 2 === 0 ? `r${n}` : null })),
})

const hot = {
  products: [productOf('hot', { received: 5_000, stock: 5_000, held: 4_000 })],
  orders: [orderOf('late', { expiresAt: noon })],
  holds: [holdOf('late', 'hot', { expiresAt: noon })],
}

const numbers = Array.from({ length: 4_000 }, (_, index) => String(index).padStart(5, '0'))

const tables = [
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
]

/** Those that may lose all their rows, but not their pages: Postgres then believes that pages hold no rows. */
const emptied = ['holds', 'events', 'outcomes']

type Fill = (numbers: readonly string[]) => Promise<void>

/** Fills the tables, with statistics from some moment. */
const moments: Readonly<Record<string, (knex: Knex, fill: Fill) => Promise<void>>> = {
  async 'when the tables were empty'(knex, fill) {
    await knex.raw('analyze')
    await fill(numbers)
  },
  async 'when all rows had been removed'(knex, fill) {
    await fill(numbers.slice(0, 400))
    for (const table of tables) {
      const isEmptied = emptied.includes(table)
      await knex.raw(
        isEmptied ? `delete from shop.${table} where ${table} is distinct from null` : `truncate shop.${table}`,
      )
      if (isEmptied) await knex.raw(`vacuum (truncate false, analyze) shop.${table}`)
    }
    await fill(numbers)
  },
  async 'when a tenth of the rows were there'(knex, fill) {
    await fill(numbers.slice(0, 400))
    await knex.raw('analyze')
    await fill(numbers.slice(400))
  },
  async 'when no order was open'(knex, fill) {
    await fill(numbers.slice(0, 2_000))
    await knex.raw(
      `update shop.orders set status = 'cancelled', expires_at = null where order_id is distinct from null`,
    )
    await knex.raw('vacuum (analyze) shop.orders')
    await knex.raw('delete from shop.holds where order_id is distinct from null')
    await knex.raw('vacuum (truncate false, analyze)')
    await fill(numbers.slice(2_000))
  },
  async 'of now'(knex, fill) {
    await fill(numbers)
    await knex.raw('analyze')
  },
}

const keys = (named: readonly string[]) =>
  keysOf({
    lock: {
      wallets: named.map((n) => `u${n}`),
      products: ['hot', ...named.map((n) => `p${n}`)],
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

/** How many rows of each table a group reads that changes all that it names. */
const rowsRead = async (pool: Knex, named: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const settings = await settingsOf(pool)
  expect(settings).toContain('set local enable_seqscan = off')
  return pool.transaction(async (trx) => {
    for (const setting of settings) await trx.raw(setting)
    await knexStore(pool)
      .within(trx)
      .transact(keys(named), (loaded) =>
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
}

test.each(Object.entries(moments))(
  'groups read hardly more rows than they name, by statistics %s',
  async (_, fillAt) => {
    const database: ShopDatabase = await openShopDatabase()
    const pool = database.connect({ pool: { max: 1 } })
    try {
      for (const table of tables) {
        await database.knex.raw(`alter table shop.${table} set (autovacuum_enabled = off)`)
      }
      const store = database.storeOn(pool)
      await fillAt(database.knex, (some) => put(store, { inserted: inserted(some) }))
      await put(store, { inserted: hot })
      for (const step of [20, 4]) {
        const named = numbers.slice(2_000).filter((_, index) => index % step === step - 2)
        const read = await rowsRead(pool, named)
        const odd = tables.filter((table) => {
          const rows = read.get(table) ?? 0
          return rows < named.length / 2 || rows > 6 * named.length
        })
        expect(odd.map((table) => [table, named.length, read.get(table)])).toEqual([])
      }
    } finally {
      await database.drop()
    }
  },
)
