export type { CheckDatabaseOptions } from './database/check-database.js'
export { checkDatabase, UnfitDatabaseError } from './database/check-database.js'
export { checkDatabaseUrl, DatabaseUrlError } from './database/database-url.js'
export type { PgPool } from './database/pg-pool.js'
export type { Writability } from './database/writability.js'
export { type DatabaseProbe, type DatabaseProbeOptions, databaseProbe } from './database-probe.js'
export type { KnexConnectionOptions } from './knex-connection.js'
export { knexConnection } from './knex-connection.js'
export { knexStore } from './knex-store.js'
export type { KnexLocksOptions } from './locks/knex-locks.js'
export { knexLocks } from './locks/knex-locks.js'
export type { MigrateOptions } from './migrations/migrate.js'
export { migrate, migrateDown, pendingMigrations } from './migrations/migrate.js'
export type { SchemaErrorCode } from './migrations/schema-error.js'
export { SchemaError } from './migrations/schema-error.js'
export { knexPolicyRegister, type PolicyRegister, type PolicyRegisterOptions } from './policy-register.js'
export type { ClientOf, PostgresStoreOptions } from './postgres-store.js'
export { postgresStore } from './postgres-store.js'
export type { KnexSources, KnexSourcesOptions } from './sources/knex-sources.js'
export { knexSources } from './sources/knex-sources.js'
export type { KnexStoreOptions, PostgresStore } from './store-on.js'
export type {
  CompanionTable,
  CompanionTables,
  CompanionTransaction,
  CompanionWriter,
} from './transact/companions.js'
export type { PostgresText, WithinConnection } from './within/connection.js'
export type { PgClient } from './within/pg-client.js'
