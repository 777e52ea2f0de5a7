import {
  checkDatabase,
  databaseProbe,
  knexLocks,
  knexPolicyRegister,
  knexSources,
  migrate,
  migrateDown,
  pendingMigrations,
  postgresStore,
} from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { describeStore, startOfHistory } from '@shop/core/conformance'
import type { Clock } from '@shop/core/store'
import { manualClock } from '@shop/core/testing'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { peek } from './kit/knex-harness.js'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { walletOf } from './support/rows.js'

describe('the kit', () => {
  let database: ShopDatabase
  const pools: pg.Pool[] = []
  let own: Clock = manualClock(startOfHistory)

  beforeAll(async () => {
    database = await openShopDatabase()
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await database.drop()
  })

  const open = () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 6 })
    pools.push(pool)
    return postgresStore(pool, { clock: { now: () => own.now() } })
  }

  describeStore<pg.PoolClient>(
    { describe, it },
    {
      name: 'a pool of pg',
      async create({ clock }) {
        await database.clear()
        own = clock
        const store = open()
        return {
          store,
          another: async () => open(),
          reopen: async () => open(),
          transaction: (work) => store.transactions.run(work),
          peek: () => peek(database.knex),
          close: async () => {
            for (const pool of pools.splice(0)) await pool.end()
          },
        }
      },
    },
    { effort: 0.1 },
  )
})

describe('a pool of pg', () => {
  let database: FreshDatabase
  let pool: pg.Pool

  beforeAll(async () => {
    database = await freshDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 3 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  test('migrates, and serves everything that a knex serves', async () => {
    await checkDatabase(pool)
    expect(await pendingMigrations(pool)).not.toEqual([])
    await migrate(pool)
    expect(await pendingMigrations(pool)).toEqual([])
    const probe = databaseProbe(pool)
    expect(await probe.ask()).toBe('writable')
    await probe.close()
    expect(await knexLocks(pool).withLock('job', async () => 'done')).toEqual({ held: true, value: 'done' })
    expect(await knexPolicyRegister(pool).announce('policies', 1_000)).toEqual([])
    expect(await knexSources(pool).database()).toMatchObject({ place: expect.any(String) })
    const shop = createShop({ store: postgresStore(pool) })
    await shop.balance.charge({ userId: 'ann', amount: 10_000 })
    expect(await shop.audit()).toMatchObject({ ok: true })
    await shop.close()
    expect(pool.idleCount).toBe(pool.totalCount)
    await migrateDown(pool)
    expect(await pendingMigrations(pool)).not.toEqual([])
    await migrate(pool)
  })

  test('whose clients are all in use rejects as unavailable, and uses none that comes late', async () => {
    const store = postgresStore(pool)
    const taken = await Promise.all([1, 2, 3].map(() => pool.connect()))
    await expect(store.outlines(['o1'])).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('no free connection'),
    })
    for (const client of taken) client.release()
    await store.outlines(['o1'])
    expect(pool.waitingCount).toBe(0)
    expect(pool.idleCount).toBe(pool.totalCount)
  })

  test('with a limit of its own for connecting keeps it', async () => {
    const narrow = new pg.Pool({ connectionString: database.url, max: 1, connectionTimeoutMillis: 50 })
    const client = await narrow.connect()
    await expect(postgresStore(narrow).ping()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('timeout'),
    })
    client.release()
    await narrow.end()
  })

  test('replaces clients that the server closes, and does not end the process', async () => {
    const store = postgresStore(pool)
    await store.ping()
    await database.knex.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await expect
      .poll(() =>
        store.ping().then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('up')
  })

  test('drops a client whose transaction did not end', async () => {
    const store = postgresStore(pool, { lockTimeoutMs: 500 })
    const unfinished = store.transactions.run(async (client) => {
      await put(store.within(client), { inserted: { wallets: [walletOf('bob')] } })
      await client.query('commit; begin')
      throw new Error('left open')
    })
    await expect(unfinished).rejects.toThrow('left open')
    expect((await look(store, { lock: { wallets: ['bob'] } })).wallets).toHaveLength(1)
  })
})
