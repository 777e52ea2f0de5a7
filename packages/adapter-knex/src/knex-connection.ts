import createKnex, { type Knex } from 'knex'
import { type PgConnection, plansAnew, Session } from './database/session.js'
import { plain } from './database/statement.js'
import { checkDatabaseUrl } from './database-url.js'

export interface KnexConnectionOptions {
  readonly pool?: { readonly max?: number }
  /** Shown by Postgres beside every connection: `shop`, where left out. */
  readonly applicationName?: string
  /** The server gives a statement up after this: 5,000 ms. */
  readonly statementTimeoutMs?: number
  /** The server stops waiting for a lock after this: 2,000 ms. */
  readonly lockTimeoutMs?: number
  /** The server ends a connection that was left in the middle of a transaction for so long: 5,000 ms. */
  readonly idleInTransactionTimeoutMs?: number
  /** How long to wait for a connection to be made, or for one of the pool to be free: 2,000 ms. */
  readonly connectTimeoutMs?: number
  /**
   * Sends statements without waiting for the answers to those before, which saves most round trips of a transaction.
   * On, where left out; off for an application that streams query results over the same Knex.
   */
  readonly pipeline?: boolean
  /** Where knex reports trouble with connections: the console, where left out. */
  readonly log?: Knex.Logger
}

/** A plan that was made when a table was new is not kept, and none is worth compiling. */
const planAnew = 'set plan_cache_mode = force_custom_plan; set jit = off'

/** Ends a statement whose client is gone, so that it does not keep its locks. Servers before 14 do not know the setting. */
const checkClient = `select set_config(name, '1000', false) from pg_settings where name = 'client_connection_check_interval'`

type Done = (error: unknown, connection: PgConnection) => void

const afterCreate = (connection: PgConnection, done: Done): void => {
  const session = new Session(connection)
  const prepare = async () => {
    await session.send(plain(planAnew))
    plansAnew.add(connection)
    // Some systems cannot tell whether a client is gone: the connection is as good without.
    await session.send(plain(checkClient)).catch(() => {})
  }
  prepare().then(
    () => done(null, connection),
    (error) => done(error, connection),
  )
}

/**
 * A Knex whose connections cannot hang: neither for want of a free one, nor on a lock, nor on a server or a network that
 * has stopped to answer. What dies while it is out leaves no lock behind. Its sessions plan prepared statements anew each
 * time. The caller ends it with `destroy()`.
 * @throws DatabaseUrlError
 */
export const knexConnection = (url: string, options: KnexConnectionOptions = {}): Knex => {
  checkDatabaseUrl(url)
  const { statementTimeoutMs = 5_000, connectTimeoutMs = 2_000, pipeline = true, log } = options
  return createKnex({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: options.applicationName ?? 'shop',
      statement_timeout: statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs ?? 2_000,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 5_000,
      // For a network that swallows everything: the server's own timeout has long answered otherwise.
      query_timeout: statementTimeoutMs + 2_000,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      pipeline,
    } as Knex.PgConnectionConfig,
    acquireConnectionTimeout: connectTimeoutMs,
    pool: { min: 0, max: options.pool?.max ?? 10, afterCreate },
    ...(log && { log }),
  })
}
