import { isStoreError, StoreError, type TransactionOpener } from '@shop/core/store'
import type { Knex } from 'knex'
import { classify } from '../database/classify-error.js'
import type { Database } from '../database/database.js'
import { assertCommitted, commit, cut, type PgConnection, type Session } from '../database/session.js'
import { plain, type Statement } from '../database/statement.js'

/** Options of transactions for the host. */
export interface HostTransactionOptions {
  /** How many connections the pool has. */
  readonly poolSize: number
  /** How long its statements wait for a row that another transaction has locked, in milliseconds. */
  readonly lockTimeoutMs: number
}

/** Commands and reads keep two connections. */
const atOnceOf = (poolSize: number): number => Math.max(1, poolSize - 2)

const settings = (lockTimeoutMs: number): Statement => plain(`set local lock_timeout = ${lockTimeoutMs}`)

/** Fails in a transaction in which a statement has failed. */
const anything = plain('select')

/** A transaction that did not end must not return to the pool with its locks. */
const endOrCut = (connection: PgConnection): void => {
  if (connection.getTransactionStatus() !== 'I') cut(connection, 'its transaction did not end')
}

/** Work that sends `commit` or `rollback` as SQL: its writes may be durable, or gone. */
const assertOpen = (connection: PgConnection): void => {
  if (connection.getTransactionStatus() === 'I')
    throw new StoreError('ambiguous', 'the work has ended its transaction itself: let it return or throw instead')
}

const runOnKnex = async <T>(
  { knex }: Database,
  session: Session,
  connection: PgConnection,
  prepare: Statement,
  work: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> => {
  const reached: { phase: 'begin' | 'work' | 'commit'; failure?: { readonly error: unknown } } = { phase: 'begin' }
  const inside = async (trx: Knex.Transaction): Promise<T> => {
    try {
      await session.send(prepare)
      reached.phase = 'work'
      const found = await work(trx)
      if (trx.isCompleted()) return found
      assertOpen(connection)
      // The commit of a transaction that has failed rolls back, and knex does not tell.
      await session.send(anything)
      reached.phase = 'commit'
      return found
    } catch (error) {
      reached.failure = { error }
      throw error
    }
  }
  try {
    const result = await knex.transaction(inside, { connection, isolationLevel: 'read committed' })
    // knex resolves if the work throws undefined.
    if (reached.failure) throw reached.failure.error
    await session.assertReplicated()
    return result
  } catch (error) {
    // If the rollback fails, too, knex rejects with the error of the rollback.
    if (reached.failure) throw reached.failure.error
    if (reached.phase === 'work' || isStoreError(error)) throw error
    const isCommit = reached.phase === 'commit'
    throw classify(error, { isInDoubt: isCommit, isOfCommit: isCommit }).error
  }
}

/**
 * Transactions of knex. One whose commit may not have happened, or may not have reached the standby, rejects with a
 * `StoreError` of kind `ambiguous`, also over a Knex of the host's own.
 */
export const knexTransactions = (
  database: Database,
  { poolSize, lockTimeoutMs }: HostTransactionOptions,
): TransactionOpener<Knex.Transaction> => {
  const own = settings(lockTimeoutMs)
  return {
    atOnce: atOnceOf(poolSize),
    run: (work) =>
      database.borrow(async (session, connection) => {
        try {
          return await runOnKnex(database, session, connection, session.beginning(own), work)
        } finally {
          delete connection.__knexTxId
          endOrCut(connection)
        }
      }),
  }
}

/** Transactions on clients of a pool of pg. `Client` is the type of these clients. */
export const pgTransactions = <Client>(
  { borrow }: Database,
  { poolSize, lockTimeoutMs }: HostTransactionOptions,
): TransactionOpener<Client> => {
  const begin = plain(`begin isolation level read committed; ${settings(lockTimeoutMs).text}`)
  return {
    atOnce: atOnceOf(poolSize),
    run: (work) =>
      borrow(async (session, connection) => {
        try {
          await session.send(session.beginning(begin))
          const result = await work(connection as unknown as Client)
          assertOpen(connection)
          assertCommitted(await session.send(commit))
          return result
        } catch (error) {
          await session.rollBack()
          throw error
        } finally {
          endOrCut(connection)
        }
      }),
  }
}
