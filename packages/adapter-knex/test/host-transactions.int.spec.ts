import { knexStore, postgresStore } from '@shop/adapter-knex'
import type { TransactionOpener } from '@shop/core/store'
import { startWireProxy, type WireProxy } from '@shop/test-support/wire-proxy'
import createKnex, { type Knex } from 'knex'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { walletOf } from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

/** A store over a pool, and how a host runs SQL in a transaction of its. */
interface Opened<Tx> {
  readonly store: { readonly transactions: TransactionOpener<Tx> }
  sql(tx: Tx, text: string): Promise<unknown>
  insert(tx: Tx, userId: string): Promise<void>
  close(): Promise<void>
}

const rowsOf = (userId: string) => ({ inserted: { wallets: [walletOf(userId)] } })

const overKnex =
  (open: (url: string) => Knex) =>
  (url: string): Opened<unknown> => {
    const knex = open(url)
    const store = knexStore(knex, { lockTimeoutMs: 200 })
    return {
      store: store as unknown as Opened<unknown>['store'],
      sql: (trx, text) => (trx as Knex.Transaction).raw(text),
      insert: (trx, userId) => put(store.within(trx as Knex.Transaction), rowsOf(userId)),
      close: () => knex.destroy(),
    }
  }

const hostsKnex = (url: string): Knex =>
  createKnex({
    client: 'pg',
    connection: url,
    pool: { min: 0, max: 4 },
    acquireConnectionTimeout: 300,
    log: { warn: () => {}, error: () => {}, debug: () => {} },
  })

const overPg = (url: string): Opened<unknown> => {
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 300 })
  const store = postgresStore(pool, { lockTimeoutMs: 200 })
  return {
    store: store as unknown as Opened<unknown>['store'],
    sql: (client, text) => (client as pg.PoolClient).query(text),
    insert: (client, userId) => put(store.within(client as pg.PoolClient), rowsOf(userId)),
    close: () => pool.end(),
  }
}

const kinds = [
  ['a Knex of the host', overKnex(hostsKnex)],
  ['a knexConnection', overKnex((url) => database.connect({ url, pool: { max: 4 }, connectTimeoutMs: 300 }))],
  ['a pool of pg', overPg],
] as const

describe.each(kinds)('a transaction that the store opens on %s', (_, open) => {
  let proxy: WireProxy
  let opened: Opened<unknown>

  beforeEach(async () => {
    await database.clear()
    proxy = await startWireProxy(database.url)
    opened = open(proxy.url)
  })
  afterEach(async () => {
    proxy.letGo()
    await opened.close().catch(() => {})
    await proxy.stop()
  })

  const run = <T>(work: (tx: unknown) => Promise<T>): Promise<T> => opened.store.transactions.run(work)
  const setting = async (tx: unknown, name: string) => {
    const { rows } = (await opened.sql(tx, `show ${name}`)) as { rows: readonly Record<string, string>[] }
    return rows[0]?.[name]
  }
  const wallets = async () =>
    (await look(knexStore(database.knex), { lock: { wallets: ['ann', 'bob'] } })).wallets.map(({ userId }) => userId)

  test('commits what the host and the shop have written', async () => {
    expect(await run((tx) => opened.insert(tx, 'ann').then(() => 'done'))).toBe('done')
    expect(await wallets()).toEqual(['ann'])
  })

  test('returns its connection to the pool', async () => {
    const backend = () =>
      run(async (tx) => ((await opened.sql(tx, 'select pg_backend_pid()')) as { rows: unknown[] }).rows[0])
    const first = await backend()
    await run(() => Promise.reject(new Error('no'))).catch(() => {})
    expect(await backend()).toEqual(first)
  })

  test('rolls back with the error of the work', async () => {
    const bug = new Error('changed my mind')
    const failed = run(async (tx) => {
      await opened.insert(tx, 'ann')
      throw bug
    })
    await expect(failed).rejects.toBe(bug)
    expect(await wallets()).toEqual([])
  })

  test('rejects if the host has swallowed an error of the database, instead of losing the writes silently', async () => {
    const swallowed = run(async (tx) => {
      await opened.insert(tx, 'ann')
      await opened.sql(tx, 'select 1 / 0').catch(() => {})
    })
    await expect(swallowed).rejects.toMatchObject({ name: 'StoreError', kind: 'rejected' })
    expect(await wallets()).toEqual([])
  })

  test('rejects with undefined if the work does', async () => {
    const failed = run(async (tx) => {
      await opened.insert(tx, 'ann')
      throw undefined
    })
    expect(
      await failed.then(
        () => 'resolved',
        (error) => [error],
      ),
    ).toEqual([undefined])
    expect(await wallets()).toEqual([])
  })

  test.each(['rollback', 'commit'])('does not resolve if the host has sent %s as SQL', async (text) => {
    const ended = run(async (tx) => {
      await opened.insert(tx, 'ann')
      await opened.sql(tx, text)
    })
    await expect(ended).rejects.toMatchObject({ kind: 'ambiguous', message: expect.stringContaining('itself') })
    expect(await wallets()).toEqual(text === 'commit' ? ['ann'] : [])
  })

  test('is unavailable if the connection is lost during the work', async () => {
    const lost = run(async (tx) => {
      await opened.insert(tx, 'ann')
      await opened.sql(tx, 'select pg_terminate_backend(pg_backend_pid())').catch(() => {})
    })
    await expect(lost).rejects.toMatchObject({
      name: 'StoreError',
      kind: expect.stringMatching(/unavailable|ambiguous/),
    })
    expect(await wallets()).toEqual([])
  })

  test('is at read committed, waits for locks as long as the store does, and commits to the disk', async () => {
    await database.knex.raw(`alter database ?? set synchronous_commit = off`, [new URL(database.url).pathname.slice(1)])
    try {
      const found = await run(async (tx) => {
        const names = ['transaction_isolation', 'lock_timeout', 'synchronous_commit']
        const values: unknown[] = []
        for (const name of names) values.push(await setting(tx, name))
        return values
      })
      expect(found).toEqual(['read committed', '200ms', 'on'])
    } finally {
      await database.knex.raw(`alter database ?? reset synchronous_commit`, [new URL(database.url).pathname.slice(1)])
    }
  })

  test('leaves two connections to others, and is unavailable if none is free in time', async () => {
    expect(opened.store.transactions.atOnce).toBe(2)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const started: Promise<void>[] = []
    const taken = [1, 2, 3, 4].map(() => {
      let start = () => {}
      started.push(new Promise((resolve) => (start = resolve)))
      return run(async () => {
        start()
        await released
      })
    })
    await Promise.all(started)
    await expect(run(async () => 'never')).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' })
    release()
    await Promise.all(taken)
    expect(await run(async () => 'free again')).toBe('free again')
  })

  test('is ambiguous if the answer to its commit is lost', async () => {
    proxy.fate = ({ sql }) => (/^commit/i.test(sql ?? '') ? 'lose answer' : 'forward')
    await expect(run((tx) => opened.insert(tx, 'ann'))).rejects.toMatchObject({ kind: 'ambiguous' })
    expect(await wallets()).toEqual(['ann'])
  })

  test('is unavailable if the connection is lost before the work', async () => {
    proxy.fate = ({ sql }) => (/^begin/i.test(sql ?? '') ? 'drop' : 'forward')
    await expect(run((tx) => opened.insert(tx, 'ann'))).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await wallets()).toEqual([])
  })
})

test('one of two connections leaves one to others, and one of one is used', () => {
  const atOnce = (max: number) => postgresStore(new pg.Pool({ max })).transactions.atOnce
  expect([1, 2, 3, 10].map(atOnce)).toEqual([1, 1, 1, 8])
})
