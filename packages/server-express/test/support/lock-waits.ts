import type { Knex } from 'knex'
import { expect } from 'vitest'

/** Resolves once a statement waits for a lock in this database. */
export const somebodyWaitsForALock = (knex: Knex) =>
  expect
    .poll(
      async () => {
        const { rows } = await knex.raw(
          "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        )
        return rows.length
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(0)
