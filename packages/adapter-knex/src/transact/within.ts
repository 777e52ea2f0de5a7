import { type Reads, StoreError, type Transactor } from '@shop/core/store'
import type { Knex } from 'knex'
import { type Database, listen } from '../database/database.js'
import { type PgConnection, type QueryResult, type QueryStep, Session } from '../database/session.js'
import { plain } from '../database/statement.js'
import { readsOn } from '../reads/reads.js'
import { loadOn } from './load.js'
import { couponsWithCodesOn, outlinesOn } from './outlines.js'
import type { Isolation, TransactionRunner } from './transactor.js'

const savepoint = plain('savepoint shop')
const release = plain('release savepoint shop')
const goBack = plain('rollback to savepoint shop; release savepoint shop')

const askIsolation = plain(`select current_setting('transaction_isolation')`)

const nothing = () => {}

/** Plain reads on the caller's connection: they see what its transaction has written. */
const readsInside = (database: Database, send: (step: QueryStep) => Promise<QueryResult['rows']>): Reads => {
  const query: Database['query'] = (statement, values = []) => send({ statement, values })
  return readsOn({ ...database, query }, { query, scan: query })
}

/**
 * A snapshot that is older than the locks misses the orders of others. If all transactions are serializable, Postgres itself
 * detects that.
 */
const assertFreshReads = async (session: Session, isolation: Isolation): Promise<void> => {
  const { rows } = await session.send(askIsolation)
  const found = rows[0]?.[0]
  if (found === 'read committed' || found === isolation) return
  throw new StoreError(
    'rejected',
    `purchase limits and open orders cannot be counted in a transaction at ${found}: begin it at read committed`,
  )
}

export interface WithinOptions {
  readonly prepared: boolean | undefined
  /** The isolation of the store's own transactions. */
  readonly isolation: Isolation
}

/** The last task on each connection. The next one waits for it, so that savepoints do not overlap. */
const queues = new WeakMap<object, Promise<unknown>>()

const inTurn = <T>(connection: object, work: () => Promise<T>): Promise<T> => {
  const turn = (queues.get(connection) ?? Promise.resolve()).then(work, work)
  queues.set(connection, turn)
  return turn
}

/**
 * Runs commands inside the caller's transaction: they commit or roll back with it. Each runs after a savepoint, so a
 * failed one leaves no writes, and the caller may continue. Never begins, commits or rolls back the caller's transaction.
 */
export const transactionsWithin = (
  trx: Knex.Transaction,
  database: Database,
  script: TransactionRunner,
  { prepared, isolation }: WithinOptions,
): Transactor & { readonly reads: Reads } => {
  const { names, now } = database
  if (!trx.isTransaction) throw new TypeError('within(trx) needs a transaction of knex')
  const check = () => {
    if (trx.isCompleted()) throw new StoreError('rejected', "the caller's transaction is already complete")
  }
  const onSession = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const connection = listen((await trx.client.acquireConnection()) as PgConnection)
    return inTurn(connection, async () => {
      const session = new Session(connection, { check, prepared })
      try {
        return await work(session)
      } finally {
        if (session.isLost) session.cut()
      }
    })
  }
  const query = ({ statement, values }: QueryStep) =>
    onSession(async (session) => (await session.send(statement, values)).rows)
  return {
    transact: (keys, decide) =>
      onSession((session) =>
        script.run(session, keys, decide, {
          begin: { statement: savepoint },
          end: { statement: release },
          endWithoutWrites: { statement: release },
          groupId: undefined,
          assertFreshReads: (opened) => assertFreshReads(opened, isolation),
          ended: nothing,
          // Fails if the caller's transaction had already failed: then there is no savepoint.
          undo: () => session.send(goBack).then(nothing, nothing),
        }),
      ),
    load: loadOn(names, now, query),
    outlines: outlinesOn(names, query),
    couponsWithCodes: couponsWithCodesOn(names, query),
    reads: readsInside(database, query),
  }
}
