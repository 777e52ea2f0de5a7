import { StoreError, type Transactor } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { assertCommitted, commit, commitWithoutWrites, type QueryResult } from '../database/session.js'
import { databaseNow, plain, prepared, type Statement, toInstant } from '../database/statement.js'
import { outlinesOn, type TransactionRunner } from './transactor.js'

/** The isolation levels that a store may use for its own transactions. */
export type Isolation = 'read committed' | 'serializable'

export const isolations: readonly Isolation[] = ['read committed', 'serializable']

export interface TransactionOptions {
  readonly isolation: Isolation
  /** How long a transaction waits for a row that another one has locked, in milliseconds. */
  readonly lockTimeoutMs: number
}

/**
 * Rows are found by key, never by a scan. Every group gets a new plan: a kept plan from when the table was almost empty
 * would scan all of it as it grows.
 */
const planning = ['plan_cache_mode = force_custom_plan', 'enable_seqscan = off', 'jit = off']

/** One message, one round trip. */
const beginning = ({ isolation, lockTimeoutMs }: TransactionOptions): Statement => {
  const settings = [`lock_timeout = ${lockTimeoutMs}`, ...planning]
  return plain([`begin isolation level ${isolation}`, ...settings.map((each) => `set local ${each}`)].join('; '))
}

/** Transactions on connections of the pool. */
export const ownTransactions = (
  { names, query, borrow }: Database,
  script: TransactionRunner,
  options: TransactionOptions,
): Transactor => {
  const begin = beginning(options)
  const end = { statement: commit }
  const endWithoutWrites = { statement: commitWithoutWrites }
  return {
    transact: (keys, decide, { groupId } = {}) =>
      borrow(
        (session) =>
          script.run(session, keys, decide, {
            begin: { statement: session.beginning(begin) },
            end,
            endWithoutWrites,
            groupId,
            ended: assertCommitted,
            undo: () => session.rollBack(),
          }),
        { plansAnew: true },
      ),
    outlines: outlinesOn(names, ({ statement, values }) => query(statement, values)),
  }
}

/**
 * Whether a group committed. Inserting the group's id waits for the group's own transaction, if that is still open. If
 * this insert comes first, the group can never commit. The row records which came first, so the result never changes.
 */
export const committedOn = (
  { names, borrow, now }: Database,
  { lockTimeoutMs }: Pick<TransactionOptions, 'lockTimeoutMs'>,
): ((groupId: string) => Promise<boolean>) => {
  const begin = beginning({ isolation: 'read committed', lockTimeoutMs })
  const statement = prepared(
    `insert into ${names.groups} as g (group_id, committed, at)
     values ($1, false, ${toInstant(`coalesce($2::bigint, ${databaseNow})`)})
     on conflict (group_id) do update set committed = g.committed returning committed`,
  )
  const ask = (groupId: string): Promise<boolean> =>
    borrow(async (session) => {
      try {
        const [, found, end] = await session.inOrder([
          { statement: session.beginning(begin) },
          { statement, values: [groupId, now()] },
          { statement: commit },
        ])
        assertCommitted(end as QueryResult)
        return found?.rows[0]?.[0] === 't'
      } catch (error) {
        await session.rollBack()
        throw error
      }
    })
  return async (groupId) => {
    try {
      return await ask(groupId)
    } catch (cause) {
      throw new StoreError('unavailable', `it is not known yet whether group ${groupId} committed`, { cause })
    }
  }
}
