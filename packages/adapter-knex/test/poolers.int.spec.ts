import { checkDatabase, type knexConnection, knexLocks, knexStore, migrate } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { describeStore } from '@shop/core/conformance'
import { freshDatabase } from '@shop/test-support/database'
import { type Pgbouncer, startPgbouncer } from '@shop/test-support/pgbouncer'
import knex, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { knexHarness } from './kit/knex-harness.js'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { migrateToRelease, violations } from './support/release-of-0006.js'
import { productOf, walletOf } from './support/rows.js'
import { unfinished } from './support/schema-state.js'

let database: ShopDatabase
/** The default of pgbouncer. */
let bySession: Pgbouncer
/** Fewer sessions than there are connections. */
let byTransaction: Pgbouncer
const opened: Knex[] = []

beforeAll(async () => {
  database = await openShopDatabase()
  ;[bySession, byTransaction] = await Promise.all([
    startPgbouncer(database.url, { mode: 'session' }),
    startPgbouncer(database.url, { mode: 'transaction', settings: { default_pool_size: '5' } }),
  ])
})
afterAll(async () => {
  await Promise.all(opened.map((pool) => pool.destroy()))
  await Promise.all([bySession, byTransaction].map((each) => each.stop()))
  await database.drop()
})

const through = ({ url }: Pgbouncer, options: Parameters<typeof knexConnection>[1] = {}): Knex =>
  database.connect({ url, ...options })

const hostThrough = ({ url }: Pgbouncer): Knex => {
  const pool = knex({ client: 'pg', connection: url, pool: { min: 0, max: 4 } })
  opened.push(pool)
  return pool
}

/** The database through a pooler, for the kit. */
const behind = (pooler: () => Pgbouncer): ShopDatabase => ({
  ...database,
  connect: (options) => through(pooler(), options),
})

describeStore(
  { describe, it },
  knexHarness(() => behind(() => bySession), { name: 'pgbouncer in session mode', connections: 6 }),
  { effort: 0.01 },
)

describeStore(
  { describe, it },
  knexHarness(() => behind(() => byTransaction), {
    name: 'pgbouncer in transaction mode',
    connections: 6,
    prepared: false,
  }),
  { effort: 0.02 },
)

/** The settings of the session in which a statement runs. */
const limitsIn = async (pool: Knex) => {
  const { rows } = await pool.raw(
    `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
       current_setting('idle_in_transaction_session_timeout') as idle, current_setting('plan_cache_mode') as plans`,
  )
  return rows[0]
}

describe('pgbouncer in session mode', () => {
  test('needs no option, and keeps the limits of connections', async () => {
    const pool = through(bySession, { statementTimeoutMs: 4_321, pool: { max: 2 } })
    await checkDatabase(pool)
    expect(await limitsIn(pool)).toEqual({
      statement: '4321ms',
      lock: '2s',
      idle: '5s',
      plans: 'force_custom_plan',
    })
  })
})

describe('pgbouncer in transaction mode', () => {
  test('is detected before anything is written if statements would be prepared', async () => {
    const refusal = { code: 'UNFIT_DATABASE', message: expect.stringMatching(/pgbouncer.*SHOP_DATABASE_PREPARED=off/) }
    for (const pool of [through(byTransaction), hostThrough(byTransaction)]) {
      await expect(checkDatabase(pool)).rejects.toMatchObject(refusal)
      await expect(migrate(pool, { schema: 'never' })).rejects.toMatchObject(refusal)
    }
    const { rows } = await database.knex.raw(`select to_regnamespace('never') as schema`)
    expect(rows).toEqual([{ schema: null }])
  })

  test('is recognised by its errors, without an earlier check', async () => {
    // A new client finds the statement in its session that an earlier one prepared there.
    const trouble: unknown[] = []
    const ask = async () => {
      const store = knexStore(through(byTransaction, { pool: { max: 1 } }))
      await store.reads.wallet('ann').catch((error) => trouble.push(error))
      return trouble.length
    }
    await expect.poll(ask, { timeout: 20_000 }).toBeGreaterThan(0)
    expect(trouble[0]).toMatchObject({
      message: expect.stringMatching(/prepared statement .*SHOP_DATABASE_PREPARED=off/),
    })
  })

  test('works with prepared: false for migrations, groups, reads, within, locks and audits', async () => {
    for (const [index, pool] of [through(byTransaction, { prepared: false }), hostThrough(byTransaction)].entries()) {
      const schema = `behind_${index}`
      await migrate(pool, { schema, prepared: false })
      const store = knexStore(pool, { schema, prepared: false })
      const users = Array.from({ length: 20 }, (_, user) => `user-${user}`)
      await Promise.all(users.map((user) => put(store, { inserted: { wallets: [walletOf(user, 5, 1)] } })))
      const found = await Promise.all(users.map((user) => store.reads.wallet(user)))
      expect(found.map((each) => each.found)).toEqual(users.map((user) => walletOf(user, 5, 1)))
      await pool.transaction(async (trx) => {
        expect((await look(store.within(trx), { lock: { wallets: ['user-1'] } })).wallets).toEqual([
          walletOf('user-1', 5, 1),
        ])
      })
      expect(await knexLocks(pool, { schema }).withLock('job', async () => 1)).toEqual({ held: true, value: 1 })
      expect(await store.upkeep.ensureSales('Asia/Seoul')).toBe(true)
      const audit = await store.audit()
      let count = 0
      for await (const _ of audit.wallets()) count += 1
      expect(count).toBe(users.length)
      await audit.close()
    }
  })

  test('migrates a shop of the release before with prepared: false', async () => {
    const old = await freshDatabase()
    const pooler = await startPgbouncer(old.url, { mode: 'transaction' })
    try {
      await migrateToRelease(old.knex)
      const pool = through(pooler, { prepared: false })
      const before = await limitsIn(pool)
      await Promise.all([migrate(pool, { prepared: false }), migrate(pool, { prepared: false })])
      expect(await unfinished(old.knex)).toEqual([])
      expect(await limitsIn(pool)).toEqual(before)
      expect(await violations(old.knex)).toEqual([])
    } finally {
      await pooler.stop()
      await old.drop()
    }
  })

  test('sets the limits in each transaction, and leaves its sessions unchanged', async () => {
    // A new pooler: sessions of the other one keep settings of connections without the option.
    const pooler = await startPgbouncer(database.url, { mode: 'transaction' })
    const pool = through(pooler, { prepared: false, statementTimeoutMs: 4_321, lockTimeoutMs: 987 })
    const before = await limitsIn(pool)
    expect(before).toMatchObject({ statement: '0', lock: '0', idle: '0', plans: 'auto' })
    const store = knexStore(pool)
    // A trigger records the settings in the transaction of a group, and in a single statement.
    await database.knex.raw(`
      create function shop.tell() returns trigger language plpgsql as
      'begin new.name := current_setting(''statement_timeout'') || '' '' || current_setting(''lock_timeout'') || '' '' || current_setting(''idle_in_transaction_session_timeout''); return new; end'`)
    await database.knex.raw(
      'create trigger tell before insert on shop.products for each row execute function shop.tell()',
    )
    await put(store, { inserted: { products: [productOf('limits')] } })
    await database.knex.raw('drop trigger tell on shop.products')
    const { found } = await store.reads.product('limits')
    expect(found?.name).toBe('4321ms 2s 5s')
    await Promise.all(Array.from({ length: 20 }, () => store.reads.wallet('ann')))
    expect(await limitsIn(pool)).toEqual(before)
    const { rows } = await pool.raw('select name from pg_prepared_statements')
    expect(rows).toEqual([])
    await pooler.stop()
  })

  test('limits a read that waits for a lock', async () => {
    const store = knexStore(through(byTransaction, { prepared: false, lockTimeoutMs: 50 }))
    const blocker = await database.knex.transaction()
    await blocker.raw('lock table shop.wallets in access exclusive mode')
    await expect(store.reads.wallet('ann')).rejects.toMatchObject({ kind: 'busy' })
    await blocker.rollback()
    expect((await store.reads.wallet('nobody')).found).toBeUndefined()
  })
})

describe.each([
  { mode: 'session', pooler: () => bySession, prepared: true },
  { mode: 'transaction', pooler: () => byTransaction, prepared: false },
])('a pgbouncer in $mode mode that dies, and loses its sessions,', ({ pooler, prepared }) => {
  test('loses no charge and makes none twice', { timeout: 120_000 }, async () => {
    await database.clear()
    const pool = through(pooler(), { prepared, pool: { max: 4 } })
    const shop = createShop({ store: knexStore(pool) })
    const users = ['ann', 'bob', 'cid']
    let isOver = false
    const charge = async (userId: string): Promise<number> => {
      let total = 0
      for (let count = 0; !isOver; count += 1) {
        const idempotency = { scope: userId, key: `charge-${count}` }
        // As a caller does: retries with the same key until the outcome is known.
        for (let isKnown = false; !isKnown; ) {
          isKnown = await shop.balance.charge({ userId, amount: 100 }, { idempotency }).then(
            () => true,
            () => false,
          )
        }
        total += 100
      }
      return total
    }
    const acknowledged = Promise.all(users.map(charge))
    const committed = async (): Promise<number> => {
      const { rows } = await database.knex.raw('select count(*)::int as count from shop.wallet_entries')
      return rows[0].count
    }
    for (const strike of ['pooler', 'sessions', 'pooler', 'sessions']) {
      const before = await committed()
      await expect.poll(committed, { timeout: 30_000 }).toBeGreaterThan(before + 5)
      if (strike === 'pooler') await pooler().restart()
      else {
        await database.knex.raw(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and application_name = 'shop'`,
        )
      }
    }
    isOver = true
    const totals = await acknowledged
    // Bypasses the pooler: a read is not retried if its session was just closed.
    const judge = createShop({ store: database.store() })
    const balances = await Promise.all(users.map((userId) => judge.balance.get({ userId })))
    expect(balances.map(({ balance }) => balance)).toEqual(totals)
    await shop.close()
  })
})
