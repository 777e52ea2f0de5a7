import type { Knex } from 'knex'
import { type CheckDatabaseOptions, checkDatabase } from '../database/check-database.js'
import { defaultSchema, quoteSchema } from '../database/names.js'
import { noTransactionTimeout } from '../database/settings.js'
import { migrationSource, migrations } from './index.js'
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

/** An arbitrary number. One for all schemas, because an extension belongs to the whole database. */
const lockKey = 746_722_651

const withLock = async (
  knex: Knex,
  { schema = defaultSchema, waitMs = 60_000 }: MigrateOptions,
  work: (migrate: Knex.Migrator, config: Knex.MigratorConfig) => Promise<unknown>,
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
      await readRecord(trx, schema)
      await work(trx.migrate, {
        schemaName: schema,
        tableName: recordTable,
        migrationSource: migrationSource(quoted),
      })
    },
    { isolationLevel: 'read committed' },
  )
}

/** Does the part of the next migration that needs no long transaction. The earlier migrations have run. */
const prepare = async (knex: Knex, schema: string): Promise<void> => {
  const quoted = quoteSchema(schema)
  const done = await readRecord(knex, schema)
  const next = migrations.find(({ name }) => !done.has(name))
  if (done.size > 0) await next?.prepare?.(knex, quoted)
}

/**
 * Brings the shop's schema up to date. Several servers may call it at once: one migrates, the others wait. Servers of the
 * previous version keep working meanwhile.
 * @throws UnfitDatabaseError as `checkDatabase` does; SchemaError if a newer version has migrated the schema, or if it has
 * tables of another application.
 */
export const migrate = async (knex: Knex, options: MigrateOptions = {}): Promise<void> => {
  await checkDatabase(knex, options)
  await prepare(knex, options.schema ?? defaultSchema)
  await withLock(knex, options, (migrator, config) => migrator.latest(config))
}

/**
 * Resolves with the names of the migrations that have not run in the schema, in order. Changes nothing.
 * @throws SchemaError as `migrate` does.
 */
export const pendingMigrations = async (
  knex: Knex,
  { schema = defaultSchema }: Pick<MigrateOptions, 'schema'> = {},
): Promise<readonly string[]> => {
  const done = await readRecord(knex, schema)
  return migrations.map(({ name }) => name).filter((name) => !done.has(name))
}

/** Reverts every migration, and so deletes all data of the shop. */
export const migrateDown = (knex: Knex, options: MigrateOptions = {}): Promise<void> =>
  withLock(knex, options, (migrator, config) => migrator.rollback(config, true))
