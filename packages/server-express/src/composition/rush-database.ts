import type { Store } from '@shop/core'
import type { Logger } from 'pino'
import type { RushDatabase } from '../demo/rush/sellers/database.js'
import type { ServerOptions } from '../options.js'
import { defaultPool, defaultSchema, knexLog } from './storage.js'

/** Longer than a run takes: its buyers wait for a free connection, and its transaction keeps the tables. */
const runMs = 600_000
/** With a single connection, requests wait for one another, and a naive shop sells what it has. */
const fewestConnections = 2
const maxSchemaLength = 63
const suffix = '_naive_demo'

/** The Postgres of a server that opens its own connections. Undefined for a caller's store or Knex. */
export const rushDatabaseOf = (options: ServerOptions, logger: Logger): RushDatabase | undefined => {
  if (!('databaseUrl' in options)) return undefined
  const { databaseUrl, databasePool = defaultPool, databasePrepared: prepared = true } = options
  const { schema = defaultSchema, clock, migrate = true } = options
  const connections = Math.max(fewestConnections, databasePool)
  const pool = { max: connections }
  const log = knexLog(logger)
  return {
    connections,
    naiveSchema: migrate ? `${schema.slice(0, maxSchemaLength - suffix.length)}${suffix}` : undefined,
    async openStore() {
      const { knexConnection, knexStore } = await import('@shop/adapter-knex')
      const knex = knexConnection(databaseUrl, { pool, prepared, log })
      const store = knexStore(knex, { schema, prepared, ...(clock && { clock }) })
      return { store: store as Store<never>, close: () => knex.destroy() }
    },
    async openNaive() {
      const { knexConnection } = await import('@shop/adapter-knex')
      return knexConnection(databaseUrl, {
        pool,
        prepared,
        log,
        applicationName: 'naive shop',
        connectTimeoutMs: runMs,
        statementTimeoutMs: runMs,
        lockTimeoutMs: runMs,
        idleInTransactionTimeoutMs: runMs,
      })
    },
  }
}
