import { StoreError, singleFlight } from '@shop/core/store'
import type { Knex } from 'knex'
import { openDatabase } from './database/database.js'
import { type OwnConnection, ownConnection } from './database/own-connection.js'
import type { PgPool } from './database/pg-pool.js'
import { Session } from './database/session.js'
import { askWritability, type Writability, writabilityOf } from './database/writability.js'

/** Options of `databaseProbe`. */
export interface DatabaseProbeOptions {
  /**
   * How long the database may take to reply, in milliseconds.
   * @default 1000
   */
  readonly answerMs?: number
  /**
   * How long a connection is kept, in milliseconds. Changed defaults of sessions take effect on new connections only.
   * @default 5000
   */
  readonly keepMs?: number
}

/** A health check of a database. */
export interface DatabaseProbe {
  /** Asks whether a new transaction may write. Concurrent callers share one query. Rejects with a `StoreError` without a reply. */
  ask(): Promise<Writability>
  /** Closes the connection. `ask` then rejects. */
  close(): Promise<void>
}

interface Kept extends OwnConnection {
  readonly since: number
}

/**
 * Creates a health check for the database of a Knex. It uses a connection outside the pool, so it works while the pool
 * is exhausted. The connection is made by the first `ask`, and replaced when it fails.
 */
export const databaseProbe = (knex: Knex | PgPool, options: DatabaseProbeOptions = {}): DatabaseProbe => {
  const { answerMs = 1_000, keepMs = 5_000 } = options
  const database = openDatabase(knex)
  let kept: Kept | undefined
  let isClosed = false

  const drop = async (): Promise<void> => {
    const dropped = kept
    kept = undefined
    await dropped?.giveBack()
  }

  const isFit = ({ connection, since }: Kept): boolean =>
    connection.__knex__disposed === undefined && performance.now() - since < keepMs

  const open = async (): Promise<Kept> => {
    kept = { ...(await ownConnection(database)), since: performance.now() }
    return kept
  }

  const askOn = async ({ connection, isLent }: Kept): Promise<Writability> => {
    const session = new Session(connection, { queryTimeoutMs: answerMs })
    let answer: Writability | undefined
    try {
      answer = writabilityOf(await session.send(askWritability))
      return answer
    } finally {
      if (session.isLost) session.cut()
      if (isLent || isClosed || answer !== 'writable') drop().catch(() => {})
    }
  }

  const askNow = async (): Promise<Writability> => {
    if (isClosed) throw new StoreError('unavailable', 'the probe is closed')
    if (kept && isFit(kept)) {
      // The idle connection may have been cut. That says nothing about the database.
      const answer = await askOn(kept).catch(() => undefined)
      if (answer) return answer
    } else if (kept) drop().catch(() => {})
    return askOn(await open())
  }

  return {
    ask: singleFlight(askNow),
    async close() {
      isClosed = true
      await drop()
    },
  }
}
