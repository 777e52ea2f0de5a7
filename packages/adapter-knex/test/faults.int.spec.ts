import { knexLocks, knexStore } from '@shop/adapter-knex'
import type { Store } from '@shop/core'
import { nothingChanged } from '@shop/core/store'
import { type ClientMessage, startWireProxy, type WireProxy } from '@shop/test-support/wire-proxy'
import type { Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  gate,
  keysOf,
  look,
  openShopDatabase,
  put,
  type ShopDatabase,
  waitingForLocks,
} from './support/open-shop-database.js'
import { changing, couponOf, walletOf } from './support/rows.js'

let database: ShopDatabase
let steady: Store

beforeAll(async () => {
  database = await openShopDatabase()
  steady = database.store()
})
afterAll(() => database.drop())

const ann = walletOf('ann')
const hasAnn = async () => (await look(steady, { lock: { wallets: ['ann'] } })).wallets.length === 1

describe.each([{ pipeline: true }, { pipeline: false }])('with pipeline $pipeline', ({ pipeline }) => {
  let proxy: WireProxy
  let store: Store

  beforeEach(async () => {
    await database.clear()
    proxy = await startWireProxy(database.url)
    store = database.store({ pipeline, url: proxy.url })
    await store.ping()
  })
  afterEach(async () => {
    proxy.letGo()
    await proxy.stop()
  })

  const insertAnn = (groupId: string) =>
    store.transact(keysOf({ lock: { wallets: ['ann'] } }), () => changing({ inserted: { wallets: [ann] } }), {
      groupId,
    })

  const isCommit = ({ sql }: ClientMessage) => sql === 'commit'
  const isSave = ({ sql }: ClientMessage) => sql?.startsWith('with group_marked') === true

  describe('a commit in doubt', () => {
    test('that happened, but whose reply was lost', async () => {
      proxy.fate = (message) => (isCommit(message) ? 'lose answer' : 'forward')
      await expect(insertAnn('g')).rejects.toMatchObject({ kind: 'ambiguous', isRetryable: false })
      expect(await steady.committed('g')).toBe(true)
      expect(await hasAnn()).toBe(true)
    })

    test('that never happens, because the commit was lost', async () => {
      proxy.fate = (message) => (isCommit(message) ? 'lose' : 'forward')
      await expect(insertAnn('g')).rejects.toMatchObject({ kind: 'ambiguous' })
      const answer = steady.committed('g')
      // The lost transaction is still open on the server, so its outcome is unknown.
      await waitingForLocks(database.knex, 1)
      proxy.letGo()
      expect(await answer).toBe(false)
      expect(await hasAnn()).toBe(false)
    })

    test('that happens late, while the result is being asked for', async () => {
      proxy.fate = (message) => (isCommit(message) ? 'lose' : 'forward')
      await expect(insertAnn('g')).rejects.toMatchObject({ kind: 'ambiguous' })
      const answer = steady.committed('g')
      await waitingForLocks(database.knex, 1)
      await proxy.sendHeldBack()
      expect(await answer).toBe(true)
      expect(await hasAnn()).toBe(true)
    })

    test('that arrives after the result was settled as no: it fails', async () => {
      proxy.fate = (message) => (isSave(message) ? 'lose' : 'forward')
      await expect(insertAnn('g')).rejects.toMatchObject({ kind: pipeline ? 'ambiguous' : 'unavailable' })
      expect(await steady.committed('g')).toBe(false)
      await proxy.sendHeldBack()
      proxy.letGo()
      expect(await steady.committed('g')).toBe(false)
      expect(await hasAnn()).toBe(false)
    })

    test('stays unresolved while the lost transaction hangs: unavailable, not a guess', async () => {
      const impatient = database.store({ lockTimeoutMs: 50 })
      proxy.fate = (message) => (isCommit(message) ? 'lose' : 'forward')
      await expect(insertAnn('g')).rejects.toMatchObject({ kind: 'ambiguous' })
      await expect(impatient.committed('g')).rejects.toMatchObject({ kind: 'unavailable' })
    })
  })

  describe('a connection that is lost', () => {
    test('before the commit was sent changes nothing', async () => {
      const lose = store.transact(
        keysOf({ lock: { wallets: ['ann'] } }),
        () => {
          proxy.fate = () => 'lose'
          return changing({ inserted: { wallets: [ann] } })
        },
        { groupId: 'g' },
      )
      await expect(lose).rejects.toMatchObject({ kind: pipeline ? 'ambiguous' : 'unavailable' })
      proxy.letGo()
      proxy.fate = () => 'forward'
      expect(await steady.committed('g')).toBe(false)
      expect(await hasAnn()).toBe(false)
      // The pool has discarded the broken connection.
      await insertAnn('g2')
    })

    test('without writes is never in doubt', async () => {
      const lose = store.transact(
        keysOf({ lock: { wallets: ['ann'] } }),
        () => {
          proxy.fate = () => 'lose'
          return nothingChanged
        },
        { groupId: 'g' },
      )
      await expect(lose).rejects.toMatchObject({ kind: 'unavailable', isRetryable: true })
    })

    test('while idle in the pool is replaced, and the process survives', async () => {
      await database.knex.raw(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'shop' and datname = current_database()`,
      )
      await expect
        .poll(async () => {
          const { rows } = await database.knex.raw(
            `select from pg_stat_activity where application_name = 'shop' and datname = current_database()`,
          )
          return rows.length
        })
        .toBe(0)
      await insertAnn('g').catch(() => insertAnn('g2'))
      expect(await hasAnn()).toBe(true)
    })
  })

  test('a backend that is terminated during a transaction changes nothing', async () => {
    const inside = gate<number>()
    const watched = database.connect({ pipeline, applicationName: 'doomed' })
    const doomed = knexStore(watched)
    await put(steady, { inserted: { coupons: [couponOf('c')] } })
    const holding = database.knex.transaction(async (trx) => {
      await trx.raw('select from shop.coupons for no key update')
      inside.open(0)
      await waitingForLocks(database.knex, 1)
      await database.knex.raw(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed'`,
      )
    })
    await inside.opened
    const lost = doomed.transact(
      keysOf({ lock: { coupons: ['c'], wallets: ['ann'] } }),
      () => changing({ inserted: { wallets: [ann] } }),
      {
        groupId: 'g',
      },
    )
    await expect(lost).rejects.toMatchObject({ kind: 'unavailable', cause: { code: '57P01' } })
    await holding
    expect(await hasAnn()).toBe(false)
    // And the store continues.
    await doomed.transact(keysOf({}), () => changing({ inserted: { wallets: [ann] } }))
  })

  test('timing out on a lock is busy, and the rows are free afterwards', async () => {
    const impatient = database.store({ pipeline, lockTimeoutMs: 30 })
    await put(steady, { inserted: { wallets: [ann] } })
    await database.knex.transaction(async (trx) => {
      await trx.raw('select from shop.wallets for no key update')
      await expect(look(impatient, { lock: { wallets: ['ann'] } })).rejects.toMatchObject({
        kind: 'busy',
        isRetryable: true,
      })
    })
    expect((await look(impatient, { lock: { wallets: ['ann'] } })).wallets).toEqual([ann])
  })

  test('a statement that takes too long is busy', async () => {
    const hurried = database.store({ pipeline, lockTimeoutMs: 10_000, statementTimeoutMs: 50 })
    await put(steady, { inserted: { wallets: [ann] } })
    await database.knex.transaction(async (trx) => {
      await trx.raw('select from shop.wallets for no key update')
      await expect(look(hurried, { lock: { wallets: ['ann'] } })).rejects.toMatchObject({
        kind: 'busy',
        cause: { code: '57014' },
      })
    })
  })

  test('an error that was swallowed inside the transaction does not count as a commit', async () => {
    const pool = database.connect({ pipeline, pool: { max: 1 } })
    const acquire = pool.client.acquireConnection.bind(pool.client)
    let connection: { query(sql: string): Promise<unknown> } | undefined
    pool.client.acquireConnection = async () => {
      connection = await acquire()
      return connection
    }
    const swallowed: unknown[] = []
    const failing = knexStore(pool).transact(keysOf({}), () => {
      connection?.query('select 1 / 0').catch((error) => swallowed.push(error))
      return nothingChanged
    })
    await expect(failing).rejects.toMatchObject({ kind: 'rejected', message: expect.stringContaining('ROLLBACK') })
    expect(swallowed).toHaveLength(1)
    const saving = knexStore(pool).transact(keysOf({ lock: { wallets: ['ann'] } }), () => {
      connection?.query('select 1 / 0').catch((error) => swallowed.push(error))
      return changing({ inserted: { wallets: [ann] } })
    })
    await expect(saving).rejects.toMatchObject({ name: 'StoreError', cause: { code: '25P02' } })
    expect(await hasAnn()).toBe(false)
  })
})

describe('without a database', () => {
  const expectUnavailable = async (knex: Knex) => {
    const store = knexStore(knex)
    const unavailable = { name: 'StoreError', kind: 'unavailable', isRetryable: true }
    await expect(store.ping()).rejects.toMatchObject(unavailable)
    await expect(look(store, { lock: { wallets: ['ann'] } })).rejects.toMatchObject(unavailable)
    await expect(store.reads.wallet('ann')).rejects.toMatchObject(unavailable)
    await expect(store.outlines(['o'])).rejects.toMatchObject(unavailable)
    await expect(store.committed('g')).rejects.toMatchObject(unavailable)
    await expect(store.audit()).rejects.toMatchObject(unavailable)
    await expect(store.outbox.claimEvents({ limit: 1, leaseMs: 1, lease: 'l' })).rejects.toMatchObject(unavailable)
  }

  test('no server: everything is unavailable', async () => {
    const url = new URL(database.url)
    url.port = '1'
    await expectUnavailable(database.connect({ url: url.href }))
  })

  test('the database does not exist: everything is unavailable', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    await expectUnavailable(database.connect({ url: url.href }))
  })

  test('the pool has been ended: everything is unavailable', async () => {
    const pool = database.connect()
    await pool.destroy()
    await expectUnavailable(pool)
  })

  test('no free connection in the pool: unavailable after a timeout', async () => {
    const pool = database.connect({ pool: { max: 1 }, connectTimeoutMs: 1_000 })
    const connection = await pool.client.acquireConnection()
    await expect(knexStore(pool).ping()).rejects.toMatchObject({
      kind: 'unavailable',
      cause: { name: 'KnexTimeoutError' },
    })
    await pool.client.releaseConnection(connection)
    await knexStore(pool).ping()
  })

  test('the schema was not migrated: rejected', async () => {
    const store = database.store({ schema: 'not_there' })
    await expect(look(store, { lock: { wallets: ['ann'] } })).rejects.toMatchObject({ kind: 'rejected' })
    await expect(store.reads.wallet('ann')).rejects.toMatchObject({ kind: 'rejected' })
  })

  test('the database is read-only: unavailable', async () => {
    const pool = database.connect({ pool: { max: 1 } })
    await pool.raw('set default_transaction_read_only = on')
    const write = put(knexStore(pool), { inserted: { wallets: [ann] } })
    await expect(write).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

describe('a warning that does not concern a standby', () => {
  beforeAll(async () => {
    await database.knex.raw(`create function shop.warn() returns trigger language plpgsql as
      $$ begin raise warning 'somebody else is concerned'; return null; end $$`)
    await database.knex.raw(`create constraint trigger warn after insert or update on shop.wallets
      deferrable initially deferred for each row execute function shop.warn()`)
    await database.knex.raw(`create constraint trigger warn after insert or update on shop.leases
      deferrable initially deferred for each row execute function shop.warn()`)
  })

  test.each([{ pipeline: true }, { pipeline: false }])(
    'changes no result (pipeline $pipeline)',
    async ({ pipeline }) => {
      await database.clear()
      const pool = database.connect({ pipeline })
      await put(database.storeOn(pool), { inserted: { wallets: [ann] } })
      expect(await hasAnn()).toBe(true)
      expect(await knexLocks(pool).withLock('job', async () => 'led')).toEqual({ held: true, value: 'led' })
      expect(await pool.transaction((trx) => trx('shop.wallets').update({ balance: 7 }))).toBe(1)
    },
  )
})
