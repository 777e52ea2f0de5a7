import { randomUUID } from 'node:crypto'
import { type knexConnection, knexStore } from '@shop/adapter-knex'
import type { Store } from '@shop/core/store'
import { startWireProxy, type WireProxy } from '@shop/test-support/wire-proxy'
import knex, { type Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keysOf, look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { changing, walletOf } from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

describe('a connection', () => {
  const settings = async (pool: ReturnType<typeof knexConnection>) => {
    const { rows } = await pool.raw(
      `select name, setting from pg_settings where name in ('application_name', 'statement_timeout', 'lock_timeout',
         'idle_in_transaction_session_timeout', 'client_connection_check_interval')`,
    )
    return Object.fromEntries(rows.map(({ name, setting }: { name: string; setting: string }) => [name, setting]))
  }

  test('has a name and limits from the start', async () => {
    const knows = await database.knex('pg_settings').where({ name: 'client_connection_check_interval' })
    expect(await settings(database.connect())).toEqual({
      application_name: 'shop',
      statement_timeout: '5000',
      lock_timeout: '2000',
      idle_in_transaction_session_timeout: '5000',
      // Servers before version 14 do not have it.
      ...(knows.length > 0 && { client_connection_check_interval: '1000' }),
    })
  })

  /** Settings that were made after the session began. Those made while connecting have another source. */
  test('sets its limits after connecting, and detects a dead client within 20 s', async () => {
    const { rows } = await database
      .connect()
      .raw(
        `select name, setting, source from pg_settings where name like 'tcp\\_%' or name like '%\\_timeout' and source in ('client', 'session')`,
      )
    const told = rows.map(({ name, setting, source }: Record<string, string>) => [name, `${setting} ${source}`])
    expect(Object.fromEntries(told)).toEqual({
      statement_timeout: '5000 session',
      lock_timeout: '2000 session',
      idle_in_transaction_session_timeout: '5000 session',
      tcp_keepalives_idle: '10 session',
      tcp_keepalives_interval: '5 session',
      tcp_keepalives_count: '2 session',
      tcp_user_timeout: '20000 session',
    })
  })

  test('is refused for a URL that pg would misread', () => {
    for (const url of ['postgres://a,b/shop', 'postgres://a/shop?target_session_attrs=primary']) {
      expect(() => database.connect({ url }), url).toThrow(/several hosts|target_session_attrs/)
    }
  })

  test('has the configured name and limits', async () => {
    const given = {
      applicationName: 'worker',
      statementTimeoutMs: 1_000,
      lockTimeoutMs: 200,
      idleInTransactionTimeoutMs: 300,
    }
    expect(await settings(database.connect(given))).toMatchObject({
      application_name: 'worker',
      statement_timeout: '1000',
      lock_timeout: '200',
      idle_in_transaction_session_timeout: '300',
    })
  })

  test('is made when it is first needed', async () => {
    const pool = database.connect({ applicationName: 'lazy' })
    const open = async () => {
      const { rows } = await database.knex.raw(`select from pg_stat_activity where application_name = 'lazy'`)
      return rows.length
    }
    expect(await open()).toBe(0)
    await pool.raw('select 1')
    expect(await open()).toBe(1)
  })

  test('that no longer responds is closed and replaced', async () => {
    const proxy = await startWireProxy(database.url)
    const pool = database.connect({ url: proxy.url, statementTimeoutMs: 200, pool: { max: 1 } })
    const store = knexStore(pool)
    await store.ping()
    proxy.fate = () => 'swallow'
    await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable' })
    proxy.fate = () => 'forward'
    await store.ping()
    await proxy.stop()
  })

  describe.each([{ pipeline: true }, { pipeline: false }])(
    'of a session that is unfit (pipeline $pipeline)',
    (mode) => {
      /** A store on one connection that other code has used before. */
      const storeAfter = async (...statements: readonly string[]) => {
        const pool = database.connect({ ...mode, pool: { max: 1 } })
        const store = knexStore(pool)
        await put(store, { inserted: { wallets: [walletOf('ann')] } })
        await look(store, { lock: { wallets: ['ann'] } })
        const connection = await pool.client.acquireConnection()
        for (const statement of statements) await connection.query(statement).catch(() => {})
        await pool.client.releaseConnection(connection)
        return store
      }
      const addBob = (store: Store) => put(store, { inserted: { wallets: [walletOf('bob')] } })
      const users = () => database.knex('shop.wallets').pluck('user_id').orderBy('user_id')

      test.each([
        ['open', `insert into shop.wallets select 'eve', balance, entries, created_at from shop.wallets`],
        ['failed', 'select 1 / 0'],
      ])('is not used if it was returned inside an %s transaction', async (_, statement) => {
        await addBob(await storeAfter('begin', statement))
        expect(await users()).toEqual(['ann', 'bob'])
      })

      test('is replaced if its prepared statements are gone', async () => {
        const store = await storeAfter('deallocate all')
        const lookOnce = () => look(store, { lock: { wallets: ['ann'] } })
        await expect(lookOnce()).rejects.toMatchObject({ kind: 'unavailable' })
        expect((await lookOnce()).wallets).toHaveLength(1)
      })

      test('is replaced if it accepts no writes', async () => {
        const store = await storeAfter('set default_transaction_read_only = on')
        await expect(addBob(store)).rejects.toMatchObject({ kind: 'unavailable' })
        await addBob(store)
        expect(await users()).toEqual(['ann', 'bob'])
      })
    },
  )

  test("is the caller's own inside a transaction, with the caller's privileges", async () => {
    const pool = database.connect({ pool: { max: 1 } })
    const store = knexStore(pool)
    const seen = await pool.transaction(
      async (trx) => {
        await expect(put(store.within(trx), { inserted: { wallets: [walletOf('ann')] } })).rejects.toMatchObject({
          kind: 'unavailable',
        })
        return (await trx.raw('select 1 as one')).rows
      },
      { readOnly: true },
    )
    expect(seen).toEqual([{ one: 1 }])
    await put(store, { inserted: { wallets: [walletOf('ann')] } })
  })
})

describe('a store without access is unavailable, and works once it has access', () => {
  test('to a database that accepts no connections', async () => {
    const closed = await openShopDatabase()
    const store = closed.store()
    const allow = (isAllowed: boolean) =>
      database.knex.raw(`alter database ?? allow_connections ${isAllowed}`, [new URL(closed.url).pathname.slice(1)])
    await allow(false)
    await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable', cause: { code: '55000' } })
    await allow(true)
    await store.ping()
    await closed.drop()
  })

  test('to tables on which its privileges were revoked', async () => {
    const role = `guest_${randomUUID().replaceAll('-', '')}`
    const url = Object.assign(new URL(database.url), { username: role, password: 'secret' })
    await database.knex.raw(`create role ${role} login password 'secret'`)
    await database.knex.raw(`grant usage on schema shop to ${role}`)
    const store = database.store({ url: url.href })
    const lookOnce = () => look(store, { lock: { wallets: ['ann'] } })
    await expect(lookOnce()).rejects.toMatchObject({ kind: 'unavailable', cause: { code: '42501' } })
    await database.knex.raw(`grant select, update on all tables in schema shop to ${role}`)
    expect((await lookOnce()).wallets).toEqual([])
    await database.knex.raw(`drop owned by ${role}`)
    await expect(lookOnce()).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

test("a store works over a host's own knex with any type parsers and name mapping", async () => {
  const host = knex({
    client: 'pg',
    connection: {
      connectionString: database.url,
      types: { getTypeParser: (oid: number) => (value: string) => (oid === 25 ? value : 'not ours to read') },
    } as never,
    wrapIdentifier: (name, original) => original(name.toUpperCase()),
    postProcessResponse: () => 'not ours to read',
    searchPath: ['nowhere'],
    pool: { min: 0, max: 4 },
  })
  const store = knexStore(host)
  await put(store, { inserted: { wallets: [walletOf('ann', 5, 1)] } })
  expect((await store.reads.wallet('ann')).found).toEqual(walletOf('ann', 5, 1))
  expect((await look(store, { lock: { wallets: ['ann'] } })).wallets).toEqual([walletOf('ann', 5, 1)])
  await host.destroy()
  // And over a pool of pg that the host provides.
  const { Pool } = host.client.driver as { Pool: new (config: object) => { end(): Promise<void> } }
  const pool = new Pool({ connectionString: database.url, max: 2 })
  const external = knex({ client: 'pg', connectionPool: pool } as never)
  const second = knexStore(external)
  await second.transact(keysOf({ lock: { wallets: ['ann'] } }), () =>
    changing({ updated: { wallets: [walletOf('ann', 6, 2)] } }),
  )
  expect((await second.reads.wallet('ann')).found).toEqual(walletOf('ann', 6, 2))
  const snapshot = await second.audit()
  await snapshot.close()
  await external.destroy()
  await pool.end()
})

test('statements are prepared only on connections that do not keep plans', async () => {
  const prepared = async (pool: Knex) => {
    const store = knexStore(pool)
    await store.reads.wallet('ann')
    await store.outlines(['o1'])
    await pool.transaction((trx) => look(store.within(trx), { lock: { wallets: ['ann'] } }))
    const { rows } = await pool.raw(
      `select count(*)::int as count, current_setting('plan_cache_mode') as mode from pg_prepared_statements`,
    )
    return rows[0]
  }
  const host = knex({ client: 'pg', connection: database.url, pool: { min: 0, max: 1 } })
  expect(await prepared(host)).toEqual({ count: 0, mode: 'auto' })
  await host.destroy()
  const { count, mode } = await prepared(database.connect({ pool: { max: 1 } }))
  expect(mode).toBe('force_custom_plan')
  expect(count).toBeGreaterThan(2)
})

test('a store refuses a knex for another database, and invalid limits', () => {
  expect(() => knexStore({ client: { driverName: 'sqlite3' } } as never)).toThrow(TypeError)
  for (const lockTimeoutMs of [0, -1, 0.5, Number.NaN, '1; drop schema shop' as never]) {
    expect(() => knexStore(database.knex, { lockTimeoutMs })).toThrow(RangeError)
  }
  expect(() => knexStore(database.knex, { isolation: 'chaos' as never })).toThrow(RangeError)
  expect(() => knexStore(database.knex, { schema: 'a"b' })).toThrow(TypeError)
})

describe('round trips', () => {
  let proxy: WireProxy

  beforeEach(async () => {
    proxy = await startWireProxy(database.url)
  })
  afterEach(() => proxy.stop())

  const costOf = async (
    pipeline: boolean,
    keys: Parameters<typeof keysOf>[0],
    change: Parameters<typeof changing>[0],
  ) => {
    const store = database.store({ pipeline, url: proxy.url, pool: { max: 1 } })
    await store.ping()
    const before = { ...proxy.counts }
    await store.transact(keysOf(keys), () => changing(change), { groupId: `g${Math.random()}` })
    return [proxy.counts.roundTrips - before.roundTrips, proxy.counts.statements - before.statements]
  }

  test('of a group are two on pipelined connections, however much it locks', async () => {
    const lock = { wallets: ['ann', 'bob'], products: ['tea'], orders: ['o1'] }
    const keys = { lock, read: { users: ['ann'] } }
    const [roundTrips] = await costOf(true, keys, { inserted: { wallets: [walletOf('ann')] } })
    expect(roundTrips).toBe(2)
  })

  test('of a group are two behind a pooler, and of a read one, although both set limits', async () => {
    const store = database.store({ prepared: false, url: proxy.url, pool: { max: 1 } })
    await store.ping()
    const before = proxy.counts.roundTrips
    await store.reads.wallet('ann')
    expect(proxy.counts.roundTrips - before).toBe(1)
    await store.transact(keysOf({ lock: { wallets: ['ann'] } }), () =>
      changing({ inserted: { wallets: [walletOf('ann')] } }),
    )
    expect(proxy.counts.roundTrips - before).toBe(3)
  })

  test('of a group are as many as its statements without pipelining', async () => {
    // begin, the lock that tells the time, save, commit
    expect(await costOf(false, { lock: { wallets: ['ann'] } }, { inserted: { wallets: [walletOf('ann')] } })).toEqual([
      4, 4,
    ])
  })
})
