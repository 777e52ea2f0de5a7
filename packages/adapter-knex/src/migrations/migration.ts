import type { Knex } from 'knex'
import type { Database } from '../database/database.js'
import type { LaterStep } from './later-steps.js'

/** One step of the schema. `up` runs inside a transaction of `migrate`. A released migration never changes. */
export interface Migration {
  /** Orders the migrations. knex records it for those that have run. */
  readonly name: string
  /** Its purpose, in one sentence. */
  readonly sentence: string
  /**
   * Does work in short transactions for which `up` would have to hold many locks, so that servers keep working.
   * It may stop at any point, run again, and run on several servers at once. `up` does the rest. `schema` is quoted.
   */
  prepare?(knex: Knex, schema: string): Promise<void>
  /**
   * Later steps that `up` relies on, done before it. They belong to `steps`, too: a new schema gets them there. They may
   * stop at any point.
   */
  readonly earlierSteps?: readonly LaterStep[]
  /** `schema` is quoted. */
  up(trx: Knex, schema: string): Promise<void>
  down(trx: Knex, schema: string): Promise<void>
  /**
   * What would hold a lock for long in a transaction. It is done after the commit and before `migrate` resolves. It may
   * stop at any point; the next `migrate` does the rest. Until then, the migration is pending.
   */
  readonly steps?: readonly LaterStep[]
  /**
   * Fills rows that servers of the release before write, also after the migration. Runs at the end of each `migrate`, in
   * short transactions, on several servers at once. Cheap if there is nothing to fill.
   */
  fill?(database: Database): Promise<void>
}

/** Runs the statements in order. */
export const run = async (trx: Knex, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await trx.raw(statement)
}
