import type { Knex } from 'knex'
import { type CheckDatabaseOptions, checkDatabase } from '../database/check-database.js'
import { openDatabase } from '../database/database.js'
import { defaultSchema, quoteSchema } from '../database/names.js'
import { knexOf, type PgPool } from '../database/pg-pool.js'
import { noTransactionTimeout } from '../database/settings.js'
import { alone } from './alone.js'
import { migrationSource, migrations } from './index.js'
import { areDone, type LaterStep, runLater } from './later-steps.js'
import { readRecord, recordTable } from './read-record.js'

/** Options of `migrate`. */
export interface MigrateOptions extends CheckDatabaseOptions {
  /**
   * The Postgres schema of the shop's tables. It is created if missing.
   * @default 'shop'
   */
  readonly schema?: string | undefined
  /**
   * How long to wait while another server migrates, in milliseconds.
   * @default 60000
   */
  readonly waitMs?: number
}

/** Arbitrary numbers. One for all schemas, because an extension belongs to the whole database. */
const lockKey = 746_722_651
const laterKey = 746_722_652

const withLock = async (
  knex: Knex,
  { schema = defaultSchema, waitMs = 60_000 }: MigrateOptions,
  work: (migrate: Knex.Migrator, config: Knex.MigratorConfig, done: ReadonlySet<string>) => Promise<unknown>,
): Promise<void> => {
  const quoted = quoteSchema(schema)
  await knex.transaction(
    async (trx) => {
      await trx.raw(
        `set local lock_timeout = ${Math.ceil(waitMs)}; set local statement_timeout = 0; ${noTransactionTimeout}`,
      )
      // At read committed the next server sees what the first one has committed, and finds nothing to do.
      await trx.raw(`select pg_advisory_xact_lock(${lockKey})`).options({ query_timeout: waitMs + 5_000 })
      // `create schema if not exists` needs the privilege to create one even if it exists.
      const { rows } = await trx.raw(`select to_regnamespace('${quoted}') is null as missing`)
      if (rows[0].missing) await trx.raw(`create schema ${quoted}`)
      const done = await readRecord(trx, schema)
      const config = { schemaName: schema, tableName: recordTable, migrationSource: migrationSource(quoted) }
      await work(trx.migrate, config, done)
    },
    { isolationLevel: 'read committed' },
  )
}

/** Runs the steps that are not done. One server at a time does this, the others wait. */
const runSteps = async (knex: Knex, options: MigrateOptions, steps: readonly LaterStep[]): Promise<void> => {
  const { schema = defaultSchema, prepared, waitMs = 60_000 } = options
  await alone(openDatabase(knex, { schema, prepared }), { key: laterKey, waitMs, prepared }, (session) =>
    runLater(session, quoteSchema(schema), steps),
  )
}

/**
 * Runs the migrations that have not run. A new schema gets all of them in one transaction. Otherwise servers use it, so each
 * migration gives up its locks before the next one begins.
 */
const runPending = async (knex: Knex, options: MigrateOptions): Promise<void> => {
  const { schema = defaultSchema } = options
  for (;;) {
    const done = await readRecord(knex, schema)
    const next = migrations.find(({ name }) => !done.has(name))
    if (!next) return
    const isNew = done.size === 0
    if (!isNew) {
      await next.prepare?.(knex, quoteSchema(schema))
      if (next.earlierSteps) await runSteps(knex, options, next.earlierSteps)
    }
    await withLock(knex, options, async (migrator, config, doneNow) => {
      if (doneNow.has(next.name)) return
      await (isNew ? migrator.latest(config) : migrator.up(config))
    })
  }
}

const unfinished = async (knex: Knex, schema: string, names: ReadonlySet<string>): Promise<readonly string[]> => {
  const found: string[] = []
  for (const { name, steps } of migrations) {
    if (!steps || !names.has(name)) continue
    const { rows } = await knex.raw(areDone(steps, quoteSchema(schema)))
    if (!rows[0].done) found.push(name)
  }
  return found
}

/** Does the part of the migrations that comes after their commit. */
const finish = async (knex: Knex, options: MigrateOptions): Promise<void> => {
  const { schema = defaultSchema, prepared } = options
  const database = openDatabase(knex, { schema, prepared })
  const isFinished = async () => (await unfinished(knex, schema, await readRecord(knex, schema))).length === 0
  if (!(await isFinished())) {
    await runSteps(
      knex,
      options,
      migrations.flatMap((each) => each.steps ?? []),
    )
  }
  for (const { fill } of migrations) await fill?.(database)
}

/**
 * Brings the shop's schema up to date. Several servers may call it at once: one migrates, the others wait. Servers of the
 * previous version keep working meanwhile. It may be interrupted: the next call does the rest.
 * @throws UnfitDatabaseError as `checkDatabase` does; SchemaError if a newer version has migrated the schema, or if it has
 * tables of another application.
 */
export const migrate = async (source: Knex | PgPool, options: MigrateOptions = {}): Promise<void> => {
  const knex = knexOf(source)
  await checkDatabase(knex, options)
  await runPending(knex, options)
  await finish(knex, options)
}

/**
 * Resolves with the names of the migrations that have not run in the schema, or not to their end, in order. Changes
 * nothing.
 * @throws SchemaError as `migrate` does.
 */
export const pendingMigrations = async (
  source: Knex | PgPool,
  { schema = defaultSchema }: Pick<MigrateOptions, 'schema'> = {},
): Promise<readonly string[]> => {
  const knex = knexOf(source)
  const done = await readRecord(knex, schema)
  const open = await unfinished(knex, schema, done)
  return migrations.map(({ name }) => name).filter((name) => !done.has(name) || open.includes(name))
}

/** Reverts every migration, and so deletes all data of the shop. */
export const migrateDown = (source: Knex | PgPool, options: MigrateOptions = {}): Promise<void> =>
  withLock(knexOf(source), options, (migrator, config) => migrator.rollback(config, true))
