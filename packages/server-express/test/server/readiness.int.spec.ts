import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { knexConnection, migrate } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import knex, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startEmbeddedPostgres } from '../../src/embedded-postgres/index.js'
import { type Check, ServerReadiness } from '../../src/health/readiness.js'
import { createServer, type DatabaseUrlOptions, type KnexOptions } from '../../src/index.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.knex)
})
afterAll(() => database.drop())

const slow = { timeout: 25_000 }

type Options = Omit<DatabaseUrlOptions, 'auth'> | Omit<KnexOptions, 'auth'>

const serve = async (options: Options) => {
  const server = await createServer({ auth: 'off', migrate: false, scheduler: false, ...options } as KnexOptions)
  onTestFinished(() => server.close())
  const { port } = await server.listen(0)
  return async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    const { checks } = (await response.json()) as { checks: Record<string, unknown> }
    return { status: response.status, ...checks }
  }
}

const ready = { status: 200, database: { status: 'up' } }
const unready = (detail: string) => ({ status: 503, database: { status: 'down', detail } })

/** Sessions that are open stay as they are. */
const setReadOnly = (pool: Knex, isReadOnly: boolean) =>
  pool.transaction(async (trx) => {
    await trx.raw('set transaction read write')
    const { rows } = await trx.raw('select current_database() as name')
    await trx.raw(`alter database ?? set default_transaction_read_only = ${isReadOnly}`, [rows[0].name])
  })

test('a database that was made read-only takes the server out, and brings it back', async () => {
  const readiness = await serve({ databaseUrl: database.url })
  expect(await readiness()).toEqual(ready)
  await setReadOnly(database.knex, true)
  await expect.poll(readiness, slow).toEqual(unready('read-only'))
  await setReadOnly(database.knex, false)
  await expect.poll(readiness, slow).toEqual(ready)
}, 60_000)

test.each([
  ['the pool', {}],
  ['a pool that the host has given to knex', { isForeign: true }],
])('is up while every connection is taken of %s', async (_what, { isForeign = false }: { isForeign?: boolean }) => {
  const own = knex({ client: 'pg', connection: database.url, pool: { min: 0, max: isForeign ? 2 : 1 } })
  onTestFinished(() => own.destroy())
  // A knex that was given a pool makes no connection of its own: the pool has to have one left.
  if (isForeign) Object.assign(own.client, { _ownsPool: false })
  const readiness = await serve({ knex: own })
  const taken = await own.transaction()
  expect(await readiness()).toEqual(ready)
  expect(await Promise.all(Array.from({ length: 20 }, readiness))).toEqual(Array.from({ length: 20 }, () => ready))
  await taken.rollback()
})

test('several callers share one question, on one connection, which goes with the server', async () => {
  const url = new URL(database.url)
  url.searchParams.set('application_name', 'probed')
  const own = knex({ client: 'pg', connection: url.href, pool: { min: 0, max: 1 } })
  const server = await createServer({ knex: own, auth: 'off', migrate: false, scheduler: false })
  const { port } = await server.listen(0)
  await Promise.all(Array.from({ length: 50 }, () => fetch(`http://127.0.0.1:${port}/readyz`)))
  const open = async () => {
    const { rows } = await database.knex.raw(
      `select count(*)::int as count from pg_stat_activity where application_name = 'probed' and query like '%pg_is_in_recovery%'`,
    )
    return rows[0].count
  }
  expect(await open()).toBe(1)
  await server.close()
  await own.destroy()
  await expect.poll(open, slow).toBe(0)
})

test('a connection that was cut while nobody asked does not make the server unready', async () => {
  const readiness = await serve({ databaseUrl: database.url })
  for (let index = 0; index < 5; index += 1) {
    expect(await readiness()).toEqual(ready)
    await database.knex.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query like '%pg_is_in_recovery%' and pid <> pg_backend_pid()`,
    )
  }
})

test('a standby is not ready until it is promoted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shop-standby-'))
  await chmod(folder, 0o711)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const primary = await startEmbeddedPostgres({ dataDir: folder, durable: false })
  const first = knex({ client: 'pg', connection: primary.url })
  await migrate(first)
  const server = await createServer({ knex: first, auth: 'off', scheduler: false })
  await server.close()
  const { rows } = await first.raw(`select current_setting('data_directory') as folder`)
  await first.destroy()
  await primary.stop()

  const signal = join(rows[0].folder, 'standby.signal')
  await writeFile(signal, '')
  const { uid, gid } = await stat(rows[0].folder)
  await chown(signal, uid, gid)
  // It counts as started once it is promoted.
  const starting = startEmbeddedPostgres({ dataDir: folder, durable: false, port: Number(new URL(primary.url).port) })
  const own = knexConnection(primary.url, { log: { warn: () => {}, error: () => {}, debug: () => {} } })
  onTestFinished(async () => {
    await own.destroy()
    await (await starting).stop()
  })
  await expect
    .poll(
      () =>
        own.raw('select pg_is_in_recovery() as standby').then(
          ({ rows: [row] }) => row.standby,
          () => 'not yet',
        ),
      slow,
    )
    .toBe(true)
  const readiness = await serve({ databaseUrl: primary.url })
  expect(await readiness()).toEqual(unready('standby'))
  await own.raw('select pg_promote()')
  await expect.poll(readiness, slow).toEqual(ready)
}, 90_000)

test('a check that hangs is down after a second, and what has nothing to say is left out', async () => {
  const hangs: Check = () => new Promise(() => {})
  const readiness = new ServerReadiness({ database: hangs, policies: async () => undefined })
  expect(await readiness.check()).toEqual({ database: { status: 'down', detail: 'no answer within 1000 ms' } })
})
