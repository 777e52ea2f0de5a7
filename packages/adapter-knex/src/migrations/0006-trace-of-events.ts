import { setTimeout } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Migration } from './migration.js'

/** How long commands queue behind one attempt, and how long they then have to themselves. */
const attemptMs = 200
const pauseMs = 300
const maxAttempts = 120

const isLockTimeout = (error: unknown): boolean => (error as { code?: unknown }).code === '55P03'

/** In a savepoint, because a failed statement ends the transaction around it. */
const attempt = (trx: Knex, statement: string): Promise<void> =>
  trx.transaction(async (savepoint) => {
    const { rows } = await savepoint.raw(`select current_setting('lock_timeout') as before`)
    await savepoint.raw(`set local lock_timeout = ${attemptMs}`)
    await savepoint.raw(statement)
    await savepoint.raw(`select set_config('lock_timeout', ?, true)`, [rows[0].before])
  })

/**
 * A statement that needs a whole table for a moment. While it waits for a long reader, such as an audit or a backup, every
 * command waits behind it. So it waits only briefly, and is repeated.
 */
const withShortWaits = async (trx: Knex, statement: string): Promise<void> => {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt(trx, statement)
    } catch (error) {
      if (!isLockTimeout(error) || attempts === maxAttempts) throw error
      await setTimeout(pauseMs)
    }
  }
}

export const traceOfEvents: Migration = {
  name: '0006_trace_of_events',
  sentence: 'Keeps the trace context of the command with each event, so that a delivery continues its trace.',
  up: (trx, s) => withShortWaits(trx, `alter table ${s}.events add column traceparent text`),
  down: (trx, s) => withShortWaits(trx, `alter table ${s}.events drop column traceparent`),
}
