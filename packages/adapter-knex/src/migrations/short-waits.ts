import { setTimeout } from 'node:timers/promises'
import type { Knex } from 'knex'
import { run } from './migration.js'

/** How long commands queue behind one attempt, and how long they then have to themselves. */
const attemptMs = 200
const pauseMs = 300
const maxAttempts = 120

const isLockTimeout = (error: unknown): boolean => (error as { code?: unknown }).code === '55P03'

/** In a savepoint: a failed statement ends the transaction around it, and going back gives up the locks of the attempt. */
const attempt = (trx: Knex, statements: readonly string[]): Promise<void> =>
  trx.transaction(async (savepoint) => {
    const { rows } = await savepoint.raw(`select current_setting('lock_timeout') as before`)
    await savepoint.raw(`set local lock_timeout = ${attemptMs}`)
    await run(savepoint, statements)
    await savepoint.raw(`select set_config('lock_timeout', ?, true)`, [rows[0].before])
  })

/** Locks whole tables at once. Name them in the order in which commands lock their rows. */
export const lockTables = (s: string, tables: readonly string[]): string =>
  `lock table ${tables.map((table) => `${s}.${table}`).join(', ')} in access exclusive mode`

/**
 * Runs statements that need whole tables for a moment. While one waits for a long reader, such as an audit or a backup,
 * every command waits behind it. So they wait only briefly, and are repeated.
 *
 * Statements on several tables begin with one that locks them all. Otherwise the first tables would stay locked while the
 * last one is waited for.
 */
export const withShortWaits = async (trx: Knex, statements: readonly string[]): Promise<void> => {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt(trx, statements)
    } catch (error) {
      if (!isLockTimeout(error) || attempts === maxAttempts) throw error
      await setTimeout(pauseMs)
    }
  }
}
