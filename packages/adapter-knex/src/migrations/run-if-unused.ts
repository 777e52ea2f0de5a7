import type { Knex } from 'knex'
import { atOnce, type LaterStep } from './later-steps.js'
import { run } from './migration.js'

/** Runs the steps at once if the tables have no rows: nobody waits then. */
export const runIfUnused = async (
  trx: Knex,
  s: string,
  tables: readonly string[],
  steps: readonly LaterStep[],
): Promise<void> => {
  const empty = tables.map((table) => `not exists (select from ${s}.${table})`)
  const { rows } = await trx.raw(`select ${empty.join(' and ')} as unused`)
  if (rows[0].unused) for (const step of steps) await run(trx, step.statements(s, atOnce))
}
