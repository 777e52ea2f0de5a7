import type { Knex } from 'knex'

/** One step of the schema. Runs inside the transaction of `migrate`. A released migration never changes. */
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
  /** `schema` is quoted. */
  up(trx: Knex, schema: string): Promise<void>
  down(trx: Knex, schema: string): Promise<void>
}

/** Runs the statements in order. */
export const run = async (trx: Knex, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await trx.raw(statement)
}
