import { type Clock, isStoreError, StoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import { classify } from './classify-error.js'
import { Fitness, type ObservablePool } from './fitness.js'
import { defaultSchema, type Names, namesIn } from './names.js'
import { Outage } from './outage.js'
import { knexOf, type PgPool } from './pg-pool.js'
import { cut, type PgConnection, type QueryResult, Session, type SessionOptions } from './session.js'
import type { Statement } from './statement.js'
import { hasWarned, heedWarnings } from './warnings.js'
import { askWritability, writabilityOf } from './writability.js'

export interface PoolClient {
  readonly driverName?: string
  acquireConnection(): Promise<PgConnection>
  releaseConnection(connection: PgConnection): Promise<void>
  acquireRawConnection(): Promise<PgConnection>
  /** Undefined after `knex.destroy()`. */
  readonly pool?: ObservablePool
  /** False if the host gave knex a pool: then only that pool can make connections. */
  readonly _ownsPool?: boolean
}

const listening = new WeakSet<PgConnection>()

/** Handles `error` events of a connection: without a listener a broken connection would end the process. */
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

/** A shop's tables in one schema, reached through a knex or a pool of pg. */
export interface Database {
  readonly knex: Knex
  readonly schema: string
  readonly names: Names
  readonly clock: Clock | undefined
  /** The clock's time as a parameter, in milliseconds; null means the database's time. */
  now(): number | null
  /** Whether knex can make connections outside the pool. */
  readonly ownsPool: boolean
  /** Whether the database is away, and callers wait for it. */
  readonly isAwaited: boolean
  /** Runs work on a connection of the pool. A connection that breaks does not return to the pool. */
  borrow<T>(
    work: (session: Session, connection: PgConnection) => Promise<T>,
    options?: Omit<SessionOptions, 'check' | 'prepared'>,
  ): Promise<T>
  /** Runs one statement as a transaction of its own. Retries it after a conflict. Rejects with a `StoreError`. */
  query(statement: Statement, values?: readonly unknown[]): Promise<QueryResult['rows']>
  /** The same for a statement that writes nothing: it is repeated if its connection turns out to be dead. */
  read(statement: Statement, values?: readonly unknown[]): Promise<QueryResult['rows']>
}

export interface DatabaseOptions {
  readonly schema?: string | undefined
  readonly clock?: Clock | undefined
  /** `false`: statements have no names. */
  readonly prepared?: boolean | undefined
  /** How long after the start of an outage a connection is waited for, in milliseconds. @default 0 */
  readonly waitMs?: number | undefined
}

/** If the host's default isolation is serializable, even a single statement may conflict. */
const maxAttempts = 10

/** How often a read loses its connection before it fails. */
const maxLostReads = 3
/** A connection that was dead before is noticed sooner. One that fails later was lost by a server that hangs. */
const noticedMs = 1_000

const untilNoConflict = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt === maxAttempts || !isStoreError(error) || error.kind !== 'conflict') throw error
    }
  }
}

export const openDatabase = (
  source: Knex | PgPool,
  { schema = defaultSchema, clock, prepared, waitMs = 0 }: DatabaseOptions = {},
): Database => {
  const knex = knexOf(source)
  const pool = knex.client as PoolClient
  if (pool.driverName !== 'pg') throw new TypeError('the store needs a knex with client "pg"')

  const fitness = Fitness.of(pool)
  const outage = new Outage(waitMs)

  const acquireFit = async (): Promise<PgConnection> => {
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

  /** While a standby is about to be promoted, a proxy may lead there already. */
  const acquireWritable = async (): Promise<PgConnection> => {
    const connection = await acquireFit()
    if (!outage.isSuspected) return connection
    const session = new Session(connection, { prepared })
    try {
      const state = writabilityOf(await session.send(askWritability))
      if (state !== 'standby') return connection
      throw new StoreError('unavailable', 'the database is a standby')
    } catch (error) {
      session.cut()
      await pool.releaseConnection(connection)
      throw error
    }
  }
  const isDestroyed = () => pool.pool === undefined || pool.pool === null
  const acquire = waitMs > 0 ? () => outage.outlast(acquireWritable, isDestroyed) : acquireFit

  const borrow: Database['borrow'] = async (work, options) => {
    const connection = await acquire()
    // Earlier warnings do not concern this work.
    hasWarned(connection)
    const session = new Session(connection, { ...options, prepared })
    try {
      return await work(session, connection)
    } finally {
      if (session.unfit === 'standby') {
        fitness.isMisled(connection)
        outage.suspect()
      }
      if (session.isLost || session.unfit) session.cut()
      await pool.releaseConnection(connection)
    }
  }

  const query: Database['query'] = async (statement, values) =>
    (await untilNoConflict(() => borrow((session) => session.alone(statement, values)))).rows

  const read: Database['read'] = async (statement, values) => {
    for (let lost = 1; ; lost += 1) {
      let begun: number | undefined
      const ask = (session: Session) => {
        begun = performance.now()
        return session.alone(statement, values)
      }
      try {
        return (await untilNoConflict(() => borrow(ask))).rows
      } catch (error) {
        const wasDead = begun !== undefined && performance.now() - begun <= noticedMs
        if (!wasDead || lost === maxLostReads || !isStoreError(error) || error.kind !== 'unavailable') throw error
      }
    }
  }

  return {
    knex,
    schema,
    names: namesIn(schema),
    clock,
    get ownsPool() {
      return pool._ownsPool !== false && !isDestroyed()
    },
    get isAwaited() {
      return outage.isAwaited
    },
    now: () => clock?.now() ?? null,
    borrow,
    query,
    read,
  }
}
