import createKnex, { type Knex } from 'knex'
import { listen } from './database/database.js'
import { checkDatabaseUrl } from './database/database-url.js'
import { type PgConnection, Session } from './database/session.js'
import { type Limits, ownSession, sessionSetup, settle, sharedSession } from './database/settings.js'
import { hasWarned } from './database/warnings.js'

/** Options of `knexConnection`. Times are in milliseconds. */
export interface KnexConnectionOptions {
  /**
   * The size of the pool: at most `max` connections. A connection older than `maxAgeMs`, or up to a fifth more, is replaced
   * before its next use: Postgres keeps what a connection has learned of each schema until it ends.
   * @default { max: 10 }, of any age
   */
  readonly pool?: { readonly max?: number; readonly maxAgeMs?: number | undefined }
  /**
   * The `application_name` of every connection in Postgres.
   * @default 'shop'
   */
  readonly applicationName?: string
  /**
   * After this the server cancels a statement.
   * @default 5000
   */
  readonly statementTimeoutMs?: number
  /**
   * After this the server stops waiting for a lock.
   * @default 2000
   */
  readonly lockTimeoutMs?: number
  /**
   * After this the server closes a connection that is idle inside a transaction.
   * @default 5000
   */
  readonly idleInTransactionTimeoutMs?: number
  /**
   * How long connecting may take, and how long to wait for a free connection of the pool.
   * @default 2000
   */
  readonly connectTimeoutMs?: number
  /**
   * Whether statements are sent without waiting for earlier results, which saves most round trips of a transaction.
   * Set it to `false` if the application streams query results over the same Knex.
   * @default true
   */
  readonly pipeline?: boolean
  /**
   * `false` behind a pooler that gives each transaction another session (pgbouncer in transaction mode). Then statements
   * have no names, sessions have no settings, and each transaction of the shop sets its own limits.
   * @default true
   */
  readonly prepared?: boolean
  /**
   * Where knex reports problems with connections.
   * @default The console.
   */
  readonly log?: Knex.Logger
}

type Done = (error: unknown, connection: PgConnection) => void

type Query = (config: { readonly text?: string }, answered?: (error: unknown, answer?: unknown) => void) => unknown

/** knex ignores warnings of a commit. Here its transaction rejects if the commit may not have reached the standby. */
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

const afterCreate =
  (settingUp: (connection: PgConnection) => Promise<void>) => (connection: PgConnection, done: Done) => {
    checkCommits(listen(connection))
    settingUp(connection).then(
      () => done(null, connection),
      (error) => done(error, connection),
    )
  }

/** Settings are made after connecting: as parameters of the connection a pooler would refuse or drop them. */
const ownSessions = (limits: Limits) => {
  const { wanted, needed } = sessionSetup(limits)
  return async (connection: PgConnection): Promise<void> => {
    const session = new Session(connection)
    const [, done] = await Promise.allSettled([session.send(wanted), session.send(needed)])
    if (done.status === 'rejected') throw done.reason
    settle(connection, ownSession)
  }
}

const sharedSessions = (limits: Limits) => {
  const settings = sharedSession(limits)
  return async (connection: PgConnection): Promise<void> => settle(connection, settings)
}

/** Not all connections of a pool end at one time. */
const agedPool = (maxAgeMs: number | undefined) =>
  maxAgeMs !== undefined && {
    maxConnectionLifetimeMillis: maxAgeMs,
    maxConnectionLifetimeJitterMillis: Math.ceil(maxAgeMs / 5),
  }

/**
 * Creates a Knex whose connections cannot hang. Waiting for a free connection, for a lock, and for a server or network
 * that no longer responds is limited. If a connection dies while checked out, its locks are released.
 *
 * The limits override those of the URL, the role and the database. Prepared statements get a new plan each time; of the
 * shop's own transactions, those that follow each other within a second keep theirs. A `knex.transaction` whose commit
 * may not have reached the standby rejects with a `StoreError` of kind `ambiguous`. The caller ends the Knex with
 * `destroy()`.
 * @throws DatabaseUrlError as `checkDatabaseUrl` does.
 */
export const knexConnection = (url: string, options: KnexConnectionOptions = {}): Knex => {
  checkDatabaseUrl(url)
  const { statementTimeoutMs = 5_000, connectTimeoutMs = 2_000, pipeline = true, prepared = true, log } = options
  const limits: Limits = {
    statementTimeoutMs,
    lockTimeoutMs: options.lockTimeoutMs ?? 2_000,
    idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs ?? 5_000,
  }
  return createKnex({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: options.applicationName ?? 'shop',
      // For a network that drops all packets: otherwise the server's own timeout comes first.
      query_timeout: statementTimeoutMs + 2_000,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      pipeline,
    } as Knex.PgConnectionConfig,
    acquireConnectionTimeout: connectTimeoutMs,
    pool: {
      min: 0,
      max: options.pool?.max ?? 10,
      ...agedPool(options.pool?.maxAgeMs),
      afterCreate: afterCreate((prepared ? ownSessions : sharedSessions)(limits)),
    },
    ...(log && { log }),
  })
}
