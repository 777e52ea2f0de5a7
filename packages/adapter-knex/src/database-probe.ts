import { StoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import { openDatabase } from './database/database.js'
import { type OwnConnection, ownConnection } from './database/own-connection.js'
import { Session } from './database/session.js'
import { askWritability, type Writability, writabilityOf } from './database/writability.js'

export interface DatabaseProbeOptions {
  /** How long an answer may take, in milliseconds. @default 1_000 */
  readonly answerMs?: number
  /**
   * How long a connection is kept, in milliseconds: one that is older does not see what was set for new sessions.
   * @default 5_000
   */
  readonly keepMs?: number
}

export interface DatabaseProbe {
  /** Whether a new transaction may write, asked now. Several callers share one question. Rejects with a StoreError where there is no answer. */
  ask(): Promise<Writability>
  /** Closes the connection. */
  close(): Promise<void>
}

interface Kept extends OwnConnection {
  readonly since: number
}

/**
 * Asks the database of a Knex whether it takes writes, on a connection outside of the pool: the answer does not wait for
 * the pool. The connection is made with the first question and dropped as soon as it is unfit.
 */
export const databaseProbe = (knex: Knex, options: DatabaseProbeOptions = {}): DatabaseProbe => {
  const { answerMs = 1_000, keepMs = 5_000 } = options
  const database = openDatabase(knex)
  let kept: Kept | undefined
  let asking: Promise<Writability> | undefined
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
      // It may have been cut while nobody used it: that says nothing of the database.
      const answer = await askOn(kept).catch(() => undefined)
      if (answer) return answer
    } else if (kept) drop().catch(() => {})
    return askOn(await open())
  }

  return {
    ask() {
      asking ??= askNow().finally(() => {
        asking = undefined
      })
      return asking
    },
    async close() {
      isClosed = true
      await drop()
    },
  }
}
