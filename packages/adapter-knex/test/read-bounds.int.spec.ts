import { knexLocks, knexStore } from '@shop/adapter-knex'
import { isStoreError, type Reads } from '@shop/core/store'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { productOf, walletOf } from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

/** Blocks all reads of these tables. */
const lock = async (...tables: readonly string[]): Promise<{ unlock(): Promise<void> }> => {
  const trx = await database.knex.transaction()
  await trx.raw(`lock table ${tables.map((table) => `shop.${table}`).join(', ')} in access exclusive mode`)
  const unlock = async () => {
    if (!trx.isCompleted()) await trx.rollback()
  }
  onTestFinished(unlock)
  return { unlock }
}

/** More reads of each kind than the pool has connections. */
const flood = (reads: Reads): readonly Promise<unknown>[] =>
  Array.from({ length: 30 }, (_, n) => [
    reads.products({ offset: n, limit: 10, keyword: 'a' }),
    reads.claimableCoupons({ limit: n + 1 }),
    reads.product(`p${n}`),
    reads.ranking(),
    reads.orders({ limit: n + 1 }),
    reads.order(`o${n}`),
  ]).flat()

const kindsOf = async (asked: readonly Promise<unknown>[]): Promise<readonly string[]> => {
  const kinds = (await Promise.allSettled(asked)).map((each) => {
    if (each.status === 'fulfilled') return 'found'
    return isStoreError(each.reason) ? each.reason.kind : String(each.reason)
  })
  return [...new Set(kinds)].sort()
}

const firstRefusal = (asked: readonly Promise<unknown>[]): Promise<unknown> =>
  new Promise((resolve) => {
    for (const each of asked) each.catch(resolve)
  })

const patient = { lockTimeoutMs: 30_000, statementTimeoutMs: 30_000 }

describe('with more reads than the pool has connections', () => {
  test.each([2, 3, 10])(
    'with %i connections, commands and jobs get one, and waiting reads are rejected',
    async (max) => {
      const pool = database.connect({ pool: { max }, ...patient })
      const store = knexStore(pool)
      const { unlock } = await lock('products', 'coupons', 'orders')
      const asked = flood(store.reads)
      const kinds = kindsOf(asked)
      await put(store, { inserted: { wallets: [walletOf('mina')] } })
      expect(await look(store, { lock: { wallets: ['mina'] } })).toMatchObject({ wallets: [{ userId: 'mina' }] })
      expect(await store.outbox.claimEvents({ limit: 1, leaseMs: 1_000, lease: 'lease' })).toEqual([])
      expect(await knexLocks(pool).withLock('job', async () => 'done')).toEqual({ held: true, value: 'done' })
      await firstRefusal(asked)
      await unlock()
      expect(await kinds).toEqual(['found', 'unavailable'])
      expect(await kindsOf([store.reads.products({ offset: 0, limit: 1 })])).toEqual(['found'])
    },
  )

  test.each([undefined, 2, 5])(
    'of several stores over one pool (readConnections %j), commands get a connection',
    async (readConnections) => {
      const pool = database.connect({ pool: { max: 10 }, ...patient })
      const stores = [0, 1, 2].map(() => knexStore(pool, { readConnections }))
      const { unlock } = await lock('products', 'coupons', 'orders')
      const kinds = kindsOf(stores.flatMap(({ reads }) => flood(reads)))
      for (const [index, store] of stores.entries())
        await put(store, { inserted: { wallets: [walletOf(`user-${index}`)] } })
      await unlock()
      expect(await kinds).toContain('found')
    },
  )

  test('searches leave connections to other reads', async () => {
    const store = database.store(patient)
    const { unlock } = await lock('products', 'coupons', 'orders', 'wallet_entries')
    const asked = Array.from({ length: 30 }, (_, n) => [
      store.reads.products({ offset: n, limit: 10 }),
      store.reads.allEntries({ limit: n + 1 }),
      store.reads.claimableCoupons({ limit: n + 1 }),
      store.reads.orders({ userId: 'mina', status: 'paid', limit: n + 1 }),
    ]).flat()
    const kinds = kindsOf(asked)
    expect((await store.reads.wallet('mina')).found).toBeUndefined()
    await unlock()
    expect(await kinds).toContain('found')
  })

  test('a command gets its turn on a single connection', async () => {
    const store = database.store({ pool: { max: 1 }, ...patient })
    await store.ping()
    const { unlock } = await lock('products')
    const ended: string[] = []
    const reads = [0, 1, 2, 3].map(async (offset) => {
      await store.reads.products({ offset, limit: 1 })
      ended.push('read')
    })
    const command = put(store, { inserted: { wallets: [walletOf('mina')] } }).then(() => ended.push('command'))
    await unlock()
    await Promise.all([...reads, command])
    expect(ended.indexOf('command')).toBe(1)
  })
})

/** Counts how often a connection is taken from the pool. */
const borrowed = (pool: Knex): (() => number) => {
  const acquire = pool.client.acquireConnection.bind(pool.client)
  let count = 0
  pool.client.acquireConnection = () => {
    count += 1
    return acquire()
  }
  return () => count
}

describe('a page of products', () => {
  test('is read once for concurrent callers, and once for each page', async () => {
    await put(database.store(), { inserted: { products: ['a', 'b', 'c'].map((id) => productOf(id)) } })
    const pool = database.connect()
    const count = borrowed(pool)
    const { reads } = knexStore(pool)
    const same = await Promise.all(Array.from({ length: 20 }, () => reads.products({ offset: 1, limit: 1 })))
    expect(count()).toBe(2)
    expect(new Set(same.map(({ found }) => found[0]?.productId))).toEqual(new Set(['b']))
    const [first, last] = await Promise.all([0, 2].map((offset) => reads.products({ offset, limit: 1 })))
    expect([first?.found[0]?.productId, last?.found[0]?.productId]).toEqual(['a', 'c'])
  })

  test.each([
    ['beyond the end', { keyword: 'name', offset: 500 }],
    ['without a match', { keyword: 'q', offset: 0 }],
  ])('%s costs no more than its total', async (_, query) => {
    const products = Array.from({ length: 500 }, (_, n) => productOf(`p${n}`, { name: `name ${n}` }))
    await put(database.store(), { inserted: { products } })
    const pool = database.connect({ pool: { max: 1 } })
    await pool.raw('begin')
    expect((await knexStore(pool).reads.products({ ...query, limit: 10 })).found).toEqual([])
    const { rows } = await pool.raw(
      `select seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables where relname = 'products'`,
    )
    await pool.raw('rollback')
    expect(Number(rows[0].rows)).toBeLessThanOrEqual(500)
  })
})
