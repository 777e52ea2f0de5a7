import { isStoreError, type Reads, StoreError, type Transactor } from '@shop/core/store'
import type { Knex } from 'knex'
import { classify, sqlStateOf } from '../database/classify-error.js'
import { type Database, listen } from '../database/database.js'
import { type PgConnection, type QueryStep, Session } from '../database/session.js'
import { plain } from '../database/statement.js'
import { readsOn } from '../reads/reads.js'
import { asPgConnection, type WithinConnection } from '../within/connection.js'
import { isPgClient, type PgClient, withinOf } from '../within/pg-client.js'
import { loadOn } from './load.js'
import { couponsWithCodesOn, outlinesOn } from './outlines.js'
import type { Isolation, TransactionRunner } from './transactor.js'

const savepoint = plain('savepoint shop')
const release = plain('release savepoint shop')
const goBack = plain('rollback to savepoint shop')

/** The same in all of a transaction, and nowhere else. */
const askTransaction = plain(`select concat_ws(' ', pg_backend_pid(), date_part('epoch', now()))`)

const askIsolation = plain(`select current_setting('transaction_isolation')`)

const nothing = () => {}

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

/** Runs work on the connection of the caller's transaction, one after another. */
type OnSession = <T>(work: (session: Session) => Promise<T>) => Promise<T>

const onKnex = (trx: Knex.Transaction, prepared: boolean | undefined): OnSession => {
  const check = () => {
    if (trx.isCompleted()) throw new StoreError('rejected', "the caller's transaction is already complete")
  }
  return async (work) => {
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
}

/** The SQLSTATE of what only a transaction can do. */
const outside = '25P01'

/** The refusal of a connection that is in no transaction, or the error itself. */
const refusedOutside = (error: unknown): unknown => {
  if (sqlStateOf(error) !== outside) return error
  const message = 'the connection is not in a transaction: begin one, and run the commands before it ends'
  return new StoreError('rejected', message, { cause: error })
}

/** Fails unless the connection is in a transaction: only there a savepoint is possible. */
const transactionOf = async (session: Session): Promise<string> => {
  try {
    await session.send(savepoint)
  } catch (error) {
    throw refusedOutside(error)
  }
  const { rows } = await session.send(askTransaction)
  await session.send(release)
  return String(rows[0]?.[0])
}

/**
 * Only the server knows whether the connection of a builder is in a transaction. If the first one has ended, the connection
 * may belong to somebody else, so everything later is refused.
 */
const onBuilder = ({ connection, query, savepoint }: WithinConnection): OnSession => {
  let joined: string | undefined
  const run = async <T>(
    sender: Pick<WithinConnection, 'query'>,
    work: (session: Session) => Promise<T>,
  ): Promise<T> => {
    const session = new Session(asPgConnection(sender), { prepared: false })
    if (joined === undefined) joined = await transactionOf(session)
    else if ((await session.send(askTransaction)).rows[0]?.[0] !== joined) {
      throw new StoreError('rejected', "the caller's transaction is already complete")
    }
    return work(session)
  }
  if (!savepoint) return (work) => inTurn(connection, () => run({ query }, work))
  // The builder's own statements around the work reject with the error of its driver.
  const inSavepoint: OnSession = (work) =>
    savepoint((inner) => run(inner, work)).catch((error: unknown) => {
      if (isStoreError(error) || sqlStateOf(error) === undefined) throw error
      throw refusedOutside(classify(error).error)
    })
  return (work) => inTurn(connection, () => inSavepoint(work))
}

/** What `within` takes: a transaction of knex, of a client of pg, or of another builder. */
export type HostTransaction = Knex.Transaction | PgClient | WithinConnection

/** A client of pg has a `connection`, too. */
const isBuilder = (tx: object): tx is WithinConnection => 'connection' in tx && !('getTransactionStatus' in tx)

const sessionsOf = (tx: HostTransaction, prepared: boolean | undefined): OnSession => {
  if (typeof tx === 'function') {
    if (tx.isTransaction) return onKnex(tx, prepared)
  } else if (isPgClient(tx)) return onBuilder(isBuilder(tx) ? tx : withinOf(tx))
  throw new TypeError(
    'within(tx) needs a transaction of knex, or what a function of @shop/adapter-knex/within returns, such as pgWithin(client)',
  )
}

/**
 * Runs commands inside the caller's transaction: they commit or roll back with it. Each runs after a savepoint, so a
 * failed one leaves no writes, and the caller may continue. Never begins, commits or rolls back the caller's transaction.
 */
export const transactionsWithin = (
  tx: HostTransaction,
  database: Database,
  script: TransactionRunner,
  { prepared, isolation }: WithinOptions,
): Transactor & { readonly reads: Reads } => {
  const { names, now } = database
  const onSession = sessionsOf(tx, prepared)
  const send = ({ statement, values }: QueryStep) =>
    onSession(async (session) => (await session.send(statement, values)).rows)
  const query: Database['query'] = (statement, values = []) => send({ statement, values })
  let reads: Reads | undefined
  return {
    transact: (keys, decide) =>
      onSession((session) =>
        script.run(session, keys, decide, {
          begin: { statement: savepoint },
          end: { statement: release },
          endWithoutWrites: { statement: release },
          groupId: undefined,
          checksDeferred: false,
          assertFreshReads: (opened) => assertFreshReads(opened, isolation),
          ended: nothing,
          // Fails if the caller's transaction had already failed: then there is no savepoint.
          undo: () => session.inOrder([{ statement: goBack }, { statement: release }]).then(nothing, nothing),
        }),
      ),
    load: loadOn(names, now, send),
    outlines: outlinesOn(names, send),
    couponsWithCodes: couponsWithCodesOn(names, send),
    get reads() {
      reads ??= readsOn({ ...database, query }, { query, scan: query })
      return reads
    },
  }
}
