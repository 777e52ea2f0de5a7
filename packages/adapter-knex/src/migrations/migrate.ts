import type { Knex } from 'knex'
import { type CheckDatabaseOptions, checkDatabase } from '../database/check-database.js'
import { defaultSchema, quoteSchema } from '../database/names.js'
import { noTransactionTimeout } from '../database/settings.js'
import { migrationSource, migrations } from './index.js'
import { readRecord, recordTable } from './read-record.js'

export interface MigrateOptions extends CheckDatabaseOptions {
  readonly schema?: string | undefined
  /** How long to wait while another server migrates. */
  readonly waitMs?: number
}

/** A number that nobody else is likely to lock. One for all schemas: an extension belongs to the whole database. */
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
      // Whoever comes second finds the work done: read committed shows it what the first one committed meanwhile.
      await trx.raw(`select pg_advisory_xact_lock(${lockKey})`).options({ query_timeout: waitMs + 5_000 })
      // Asked first: even `if not exists` needs the right to create one.
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

/** What can be done without a long transaction. A migration can count on those before it. */
const prepare = async (knex: Knex, schema: string): Promise<void> => {
  const quoted = quoteSchema(schema)
  const done = await readRecord(knex, schema)
  const next = migrations.find(({ name }) => !done.has(name))
  if (done.size > 0) await next?.prepare?.(knex, quoted)
}

/**
 * Brings our schema up to date. Several servers may do so at once: one migrates, the others wait and find it done.
 * Servers of the version before go on working meanwhile.
 * @throws UnfitDatabaseError as `checkDatabase` does; SchemaError where a newer version has migrated the schema, or somebody
 * else has made what is in it.
 */
export const migrate = async (knex: Knex, options: MigrateOptions = {}): Promise<void> => {
  await checkDatabase(knex, options)
  await prepare(knex, options.schema ?? defaultSchema)
  await withLock(knex, options, (migrator, config) => migrator.latest(config))
}

/**
 * The names of the migrations that our schema lacks. Changes nothing.
 * @throws SchemaError as `migrate` does.
 */
export const pendingMigrations = async (
  knex: Knex,
  { schema = defaultSchema }: Pick<MigrateOptions, 'schema'> = {},
): Promise<readonly string[]> => {
  const done = await readRecord(knex, schema)
  return migrations.map(({ name }) => name).filter((name) => !done.has(name))
}

/** Takes every migration back, and with them all data of the shop. */
export const migrateDown = (knex: Knex, options: MigrateOptions = {}): Promise<void> =>
  withLock(knex, options, (migrator, config) => migrator.rollback(config, true))
