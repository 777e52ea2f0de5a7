import createKnex, { type Knex } from 'knex'
import { listen } from './database/database.js'
import { type PgConnection, plansAnew, Session } from './database/session.js'
import { plain } from './database/statement.js'
import { hasWarned } from './database/warnings.js'

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

type Query = (config: { readonly text?: string }, answered?: (error: unknown, answer?: unknown) => void) => unknown

/** To knex, a commit that came with a warning is as good as any. On our connections its transaction rejects. */
const checkCommits = (connection: PgConnection): void => {
  const query: Query = connection.query.bind(connection) as Query
  const checked: Query = (config, answered) => {
    if (!answered || !/^commit\b/i.test(config.text ?? '')) return query(config, answered)
    hasWarned(connection)
    return query(config, (error, answer) => {
      if (error) return answered(error)
      new Session(connection).assertReplicated().then(() => answered(null, answer), answered)
    })
  }
  connection.query = checked as PgConnection['query']
}

const afterCreate = (connection: PgConnection, done: Done): void => {
  checkCommits(listen(connection))
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
 * time. A transaction of its own whose commit may not have reached the standby rejects with a StoreError of the kind
 * `ambiguous`. The caller ends it with `destroy()`.
 */
export const knexConnection = (url: string, options: KnexConnectionOptions = {}): Knex => {
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
