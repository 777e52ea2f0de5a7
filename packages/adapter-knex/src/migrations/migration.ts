import type { Knex } from 'knex'

/** One step of our schema. Runs inside the transaction of `migrate`, and is never changed once it is released. */
export interface Migration {
  /** Sorts the migrations, and tells knex which of them have run. */
  readonly name: string
  /** What it is for. */
  readonly sentence: string
  /**
   * Does beforehand what `up` would have to hold many locks for: in short transactions, so that servers go on working.
   * May break off at any point, run again, and run on several servers at once. `up` does what is left. `schema` is quoted.
   */
  prepare?(knex: Knex, schema: string): Promise<void>
  /** `schema` is quoted. */
  up(trx: Knex, schema: string): Promise<void>
  down(trx: Knex, schema: string): Promise<void>
}

/** Runs statement after statement. */
export const run = async (trx: Knex, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await trx.raw(statement)
}
