import createKnex, { type Knex } from 'knex'
import { listen } from './database/database.js'
import { checkDatabaseUrl } from './database/database-url.js'
import { type PgConnection, Session } from './database/session.js'
import { type Limits, ownSession, sessionSetup, settle, sharedSession } from './database/settings.js'
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
  /**
   * `false` behind a pooler that lends another session of the database to each transaction (pgbouncer in transaction mode):
   * no statement is prepared under a name, nothing is set for a session, and each of the shop's transactions sets its limits for
   * itself. @default true
   */
  readonly prepared?: boolean
  /** Where knex reports trouble with connections: the console, where left out. */
  readonly log?: Knex.Logger
}

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

const afterCreate =
  (settingUp: (connection: PgConnection) => Promise<void>) => (connection: PgConnection, done: Done) => {
    checkCommits(listen(connection))
    settingUp(connection).then(
      () => done(null, connection),
      (error) => done(error, connection),
    )
  }

/** After connecting, and not while it connects: a pooler refuses parameters that it does not know, or drops them. */
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

/**
 * A Knex whose connections cannot hang: neither for want of a free one, nor on a lock, nor on a server or a network that
 * has stopped to answer. What dies while it is out leaves no lock behind. Its sessions plan prepared statements anew each
 * time. Limits are set once a connection is there, over those that the URL, the role or the database have. A transaction of
 * its own whose commit may not have reached the standby rejects with a StoreError of the kind `ambiguous`. The caller ends it
 * with `destroy()`.
 * @throws DatabaseUrlError for a URL that `pg` would take for something else, or that names several hosts.
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
      // For a network that swallows everything: the server's own timeout has long answered otherwise.
      query_timeout: statementTimeoutMs + 2_000,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      pipeline,
    } as Knex.PgConnectionConfig,
    acquireConnectionTimeout: connectTimeoutMs,
    pool: {
      min: 0,
      max: options.pool?.max ?? 10,
      afterCreate: afterCreate((prepared ? ownSessions : sharedSessions)(limits)),
    },
    ...(log && { log }),
  })
}
