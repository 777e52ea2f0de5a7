import { knexStore } from '@shop/adapter-knex'
import type { Knex } from 'knex'
import { afterEach, expect, test, vi } from 'vitest'
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

afterEach(() => void vi.restoreAllMocks())

/** Stops the clock by which plans grow old. Returns a function that moves it. */
const stopClock = (): ((ms: number) => void) => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  return (ms) => {
    now += ms
  }
}

/** The settings under which the store runs the last of some groups. */
const settingsOf = async (pool: Knex, groups: number): Promise<string[]> => {
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
  for (let nth = 0; nth < groups; nth += 1) await knexStore(pool).transact(keysOf({}), () => changing({}))
  pool.client.acquireConnection = acquire
  return begins.at(-1)?.split('; ').slice(1) ?? []
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

/** With a clock that stands, the third group of a connection uses what the second has kept; the first keeps nothing. */
const plansOf = { custom: { groups: 1, mode: 'force_custom_plan' }, kept: { groups: 3, mode: 'force_generic_plan' } }

const withoutAutovacuum = async (knex: Knex): Promise<void> => {
  for (const table of tables) await knex.raw(`alter table shop.${table} set (autovacuum_enabled = off)`)
}

/** How many rows of each table the connection has read and not yet reported: also in transactions before. */
const rowsCounted = async (trx: Knex): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await trx.raw(
    `select relname, seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables where schemaname = 'shop'`,
  )
  return new Map(rows.map((row: { relname: string; rows: string }) => [row.relname, Number(row.rows)]))
}

/** How many rows of each table a group reads that changes all that it names. */
const rowsRead = async (
  pool: Knex,
  plans: keyof typeof plansOf,
  named: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const { groups, mode } = plansOf[plans]
  const settings = await settingsOf(pool, groups)
  const needed = [`plan_cache_mode = ${mode}`, 'enable_seqscan = off'].map((each) => `set local ${each}`)
  expect(settings).toEqual(expect.arrayContaining(needed))
  expect(settings).not.toContain('discard plans')
  return pool.transaction(async (trx) => {
    for (const setting of settings) await trx.raw(setting)
    const before = await rowsCounted(trx)
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
    const after = await rowsCounted(trx)
    return new Map([...after].map(([table, rows]) => [table, rows - (before.get(table) ?? 0)]))
  })
}

/** The tables of which a group has read more rows than it should, or none. */
const oddlyRead = (read: ReadonlyMap<string, number>, named: readonly string[]) =>
  tables
    .map((table) => [table, named.length, read.get(table) ?? 0] as const)
    .filter(([, count, rows]) => rows < count / 2 || rows > 6 * count)

test.each(Object.entries(moments))(
  'groups read hardly more rows than they name, by statistics %s',
  async (_, fillAt) => {
    const database: ShopDatabase = await openShopDatabase()
    const pool = database.connect({ pool: { max: 1 } })
    const passMs = stopClock()
    try {
      await withoutAutovacuum(database.knex)
      const store = database.storeOn(pool)
      await fillAt(database.knex, (some) => put(store, { inserted: inserted(some) }))
      await put(store, { inserted: hot })
      for (const step of [200, 20, 4]) {
        const nth = (rest: number) => numbers.slice(2_000).filter((_, index) => index % step === rest)
        passMs(1_000)
        expect(oddlyRead(await rowsRead(pool, 'custom', nth(step - 4)), nth(step - 4))).toEqual([])
        expect(oddlyRead(await rowsRead(pool, 'kept', nth(step - 2)), nth(step - 2))).toEqual([])
      }
    } finally {
      await database.drop()
    }
  },
)

test('groups read hardly more rows than they name, by kept plans from when the tables were almost empty', async () => {
  const database = await openShopDatabase()
  const pool = database.connect({ pool: { max: 1 } })
  stopClock()
  try {
    await withoutAutovacuum(database.knex)
    // Filled on other connections, so that this one plans only what it reads.
    const other = database.storeOn(database.knex)
    const first = numbers.slice(0, 8)
    await put(other, { inserted: inserted(first) })
    await put(other, { inserted: hot })
    await rowsRead(pool, 'kept', first)
    await put(other, { inserted: inserted(numbers.slice(8)) })
    for (const named of [numbers.slice(3_000, 3_008), numbers.slice(3_100, 3_300)]) {
      expect(oddlyRead(await rowsRead(pool, 'kept', named), named)).toEqual([])
    }
  } finally {
    await database.drop()
  }
})

test('statements keep their plans, except a save of many rows', async ({ skip }) => {
  const database = await openShopDatabase()
  const pool = database.connect({ pool: { max: 1 } })
  stopClock()
  try {
    const [version] = (await pool.raw(`select current_setting('server_version_num')::int as number`)).rows
    if (version.number < 140_000) skip('only Postgres 14 and later count the plans of a statement')
    const store = database.storeOn(pool)
    await store.transact(keysOf({}), () => changing({}))
    const names = numbers.slice(0, 70)
    await put(store, { inserted: { wallets: names.map((n) => walletOf(`u${n}`)) } })
    await put(store, { inserted: { wallets: [walletOf('one')] } })
    await store.transact(keysOf({ lock: { wallets: ['one'] } }), () => changing({}))
    const { rows } = await pool.raw(
      `select generic_plans::int as kept, custom_plans::int as own from pg_prepared_statements
       where statement ~ 'shop.*wallets' order by own, statement`,
    )
    expect(rows).toEqual([
      { kept: 1, own: 0 },
      { kept: 1, own: 0 },
      { kept: 0, own: 1 },
    ])
  } finally {
    await database.drop()
  }
})
