import { setTimeout } from 'node:timers/promises'
import { StoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import type { Database } from '../database/database.js'
import { ownConnection } from '../database/own-connection.js'
import { Session } from '../database/session.js'
import { noTransactionTimeout } from '../database/settings.js'
import { plain } from '../database/statement.js'

/** How often a waiting server asks whether it is its turn. */
const retryMs = 100

/** An index of a big table may take hours. */
const longestMs = 24 * 60 * 60_000

const limits = ['statement_timeout', 'lock_timeout', 'transaction_timeout'] as const

const limitsNow = plain(`select name, setting from pg_settings where name in ('${limits.join(`', '`)}')`)

const setLimits = (values: readonly (readonly [name: string, setting: string])[]) =>
  plain(`select ${values.map(([name, setting]) => `set_config('${name}', '${setting}', false)`).join(', ')}`)

/** Removes the time limits of a session for the work. Behind a pooler the session belongs to others, too, and keeps them. */
const withoutLimits = async (session: Session, isShared: boolean, work: () => Promise<void>): Promise<void> => {
  if (isShared) return work()
  const { rows } = await session.send(limitsNow)
  const before = rows.map(([name, setting]) => [String(name), String(setting)] as const)
  await session.send(setLimits(before.map(([name]) => [name, '0'])))
  try {
    await work()
  } finally {
    if (!session.isLost) await session.send(setLimits(before))
  }
}

const onOwnConnection = async (
  database: Database,
  prepared: boolean | undefined,
  work: (session: Session) => Promise<void>,
): Promise<void> => {
  const isShared =
    prepared === false || (await database.borrow(async ({ hasNames }) => !hasNames, { managesPlans: true }))
  const { connection, giveBack } = await ownConnection(database)
  const session = new Session(connection, { queryTimeoutMs: longestMs })
  try {
    await withoutLimits(session, isShared, () => work(session))
  } finally {
    if (session.isLost) session.cut()
    await giveBack()
  }
}

/** Asks again and again: a statement that waits has a snapshot, and building an index waits for all snapshots. */
const waitForTurn = async (trx: Knex, key: number, waitMs: number): Promise<void> => {
  const deadline = performance.now() + waitMs
  for (;;) {
    const { rows } = await trx.raw(`select pg_try_advisory_xact_lock(${key}) as locked`)
    if (rows[0].locked) return
    if (performance.now() >= deadline) {
      throw new StoreError('busy', 'another server is still building indexes for this version: start again later')
    }
    await setTimeout(retryMs)
  }
}

/**
 * Runs slow work on a connection of its own, and on one server at a time. The lock belongs to a transaction that stays open
 * without a snapshot, and ends with the process.
 */
export const alone = (
  database: Database,
  { key, waitMs, prepared }: { readonly key: number; readonly waitMs: number; readonly prepared: boolean | undefined },
  work: (session: Session) => Promise<void>,
): Promise<void> =>
  database.knex.transaction(
    async (trx) => {
      await trx.raw(`set local idle_in_transaction_session_timeout = 0; ${noTransactionTimeout}`)
      await waitForTurn(trx, key, waitMs)
      await onOwnConnection(database, prepared, work)
    },
    { isolationLevel: 'read committed' },
  )
