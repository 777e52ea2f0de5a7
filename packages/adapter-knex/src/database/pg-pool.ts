import createKnex, { type Knex } from 'knex'
import type { PgConnection } from './session.js'

/** The part of a `Pool` of `pg` that is used here. */
export interface PgPool {
  /** Resolves with a client of the pool, which has `release`. */
  connect(): unknown
  /** Tells of clients that the pool makes (`connect`), and of idle ones that break (`error`). */
  on(event: never, listener: never): unknown
  /** How many clients there are. */
  readonly totalCount: number
  /** The options of the pool. `connectionTimeoutMillis` 0 means no limit. */
  readonly options: { readonly max?: number; readonly connectionTimeoutMillis?: number | undefined }
}

interface PooledConnection extends PgConnection {
  release(destroy: boolean): void
}

/** How long to wait for a client if the pool has no limit of its own. */
const connectTimeoutMs = 2_000

/** The default of pg. */
const defaultMax = 10

const acquireFrom = async (pool: PgPool): Promise<PooledConnection> => {
  const connecting = pool.connect() as Promise<PooledConnection>
  if (pool.options.connectionTimeoutMillis) return connecting
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      reject(new Error(`no free connection within ${connectTimeoutMs} ms`))
      connecting.then(
        (late) => late.release(false),
        () => {},
      )
    }, connectTimeoutMs)
    connecting.then(resolve, reject).finally(() => clearTimeout(timeout))
  })
}

const listenTo = (pool: PgPool, event: 'connect' | 'error', listener: (subject: unknown) => void): unknown =>
  pool.on(event as never, listener as never)

/** The pool, as knex uses one. */
const asPoolOfKnex = (pool: PgPool) => ({
  max: pool.options.max ?? defaultMax,
  acquire: () => ({ promise: acquireFrom(pool) }),
  release(connection: PooledConnection) {
    connection.release(connection.__knex__disposed !== undefined)
    return true
  },
  destroy: async () => {},
  numFree: () => 0,
  numUsed: () => pool.totalCount,
  numPendingAcquires: () => 0,
  on: (_: 'createSuccess', made: (id: number, connection: PgConnection) => void) =>
    listenTo(pool, 'connect', (connection) => made(0, connection as PgConnection)),
})

/** Callers get every error, so nothing is logged. */
const silent: Knex.Logger = { warn: () => {}, error: () => {}, debug: () => {} }

const opened = new WeakMap<PgPool, Knex>()

const isPool = (source: Knex | PgPool): source is PgPool => typeof source !== 'function'

/** The knex itself, or one over the pool: the same for the same pool. It never ends the pool. */
export const knexOf = (source: Knex | PgPool): Knex => {
  if (!isPool(source)) return source
  const known = opened.get(source)
  if (known) return known
  const knex = createKnex({ client: 'pg', connectionPool: asPoolOfKnex(source), log: silent })
  // Without a listener, an idle client that breaks would end the process. The pool itself removes that client.
  listenTo(source, 'error', () => {})
  opened.set(source, knex)
  return knex
}
