import { type Clock, isStoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import { classify } from './classify-error.js'
import { Fitness, type ObservablePool } from './fitness.js'
import { defaultSchema, type Names, namesIn } from './names.js'
import { cut, type PgConnection, type QueryResult, Session, type SessionOptions } from './session.js'
import type { Statement } from './statement.js'
import { hasWarned, heedWarnings } from './warnings.js'

export interface PoolClient {
  readonly driverName?: string
  acquireConnection(): Promise<PgConnection>
  releaseConnection(connection: PgConnection): Promise<void>
  acquireRawConnection(): Promise<PgConnection>
  /** Gone once knex was ended. */
  readonly pool?: ObservablePool
  /** False where the host has given knex a pool of its own: then only that pool can make connections. */
  readonly _ownsPool?: boolean
}

const listening = new WeakSet<PgConnection>()

/** The driver reports a dying connection as an `error` event, which ends the process where nobody listens. */
export const listen = (connection: PgConnection): PgConnection => {
  if (!listening.has(connection)) {
    listening.add(connection)
    connection.on('error', (error) => {
      connection.__knex__disposed ??= error
    })
    heedWarnings(connection)
  }
  return connection
}

export interface Database {
  readonly knex: Knex
  readonly schema: string
  readonly names: Names
  readonly clock: Clock | undefined
  /** The clock's time as a parameter; null leaves it to the database. */
  now(): number | null
  /** Whether knex can make connections outside of the pool. */
  readonly ownsPool: boolean
  /** Lends a connection of the pool. One that is lost meanwhile does not go back into it. */
  borrow<T>(work: (session: Session) => Promise<T>, options?: Omit<SessionOptions, 'check' | 'prepared'>): Promise<T>
  /** One statement, which is a transaction of its own, and tried again where it collided with another. */
  query(statement: Statement, values?: readonly unknown[]): Promise<QueryResult['rows']>
}

export interface DatabaseOptions {
  readonly schema?: string | undefined
  readonly clock?: Clock | undefined
  /** `false`: no statement has a name. */
  readonly prepared?: boolean | undefined
}

/** Where the host's transactions are serializable unless told otherwise, a statement by itself may have to be tried again. */
const attempts = 10

const untilNoConflict = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt === attempts || !isStoreError(error) || error.kind !== 'conflict') throw error
    }
  }
}

export const openDatabase = (
  knex: Knex,
  { schema = defaultSchema, clock, prepared }: DatabaseOptions = {},
): Database => {
  const pool = knex.client as PoolClient
  if (pool.driverName !== 'pg') throw new TypeError('the store needs a knex with client "pg"')

  const fitness = Fitness.of(pool)

  const acquire = async (): Promise<PgConnection> => {
    for (;;) {
      const connection = await pool.acquireConnection().catch((error) => {
        throw classify(error, { isConnecting: true }).error
      })
      const unfit = fitness.unfit(listen(connection))
      if (unfit === undefined) return connection
      cut(connection, unfit)
      await pool.releaseConnection(connection)
    }
  }

  const borrow: Database['borrow'] = async (work, options) => {
    const connection = await acquire()
    // What was said before, to others or at the start, is not about what comes now.
    hasWarned(connection)
    const session = new Session(connection, { ...options, prepared })
    try {
      return await work(session)
    } finally {
      if (session.unfit === 'standby') fitness.isMisled(connection)
      if (session.isLost || session.unfit) session.cut()
      await pool.releaseConnection(connection)
    }
  }

  return {
    knex,
    schema,
    names: namesIn(schema),
    clock,
    get ownsPool() {
      return pool._ownsPool !== false && pool.pool !== undefined && pool.pool !== null
    },
    now: () => clock?.now() ?? null,
    borrow,
    query: async (statement, values) =>
      (await untilNoConflict(() => borrow((session) => session.alone(statement, values)))).rows,
  }
}
