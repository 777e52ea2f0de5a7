import { sqlStateOf } from '../database/classify-error.js'
import type { Session } from '../database/session.js'
import { plain, type Statement } from '../database/statement.js'

/** A change of the schema that would hold a lock for long inside a transaction. Running it again is harmless. */
export interface LaterStep {
  /** The table that it changes. */
  readonly table: string
  /** Whether it is done, as an expression in SQL. */
  isDone(schema: string): string
  /** Its statements. With `concurrently`, each is a transaction of its own, and commands go on meanwhile. */
  statements(schema: string, concurrently: string): readonly string[]
}

const concurrently = 'concurrently'

/** Inside a transaction, on tables that nobody uses yet. */
export const atOnce = ''

/** Builds an index. If an earlier attempt was interrupted, its remains are removed first: no query uses them. */
export const index = (name: string, table: string, definition: string, kind: '' | 'unique' = ''): LaterStep => ({
  table,
  isDone: (s) => `exists (select from pg_index where indexrelid = to_regclass('${s}.${name}') and indisvalid)`,
  statements: (s, how) => [
    `drop index ${how} if exists ${s}.${name}`,
    `create ${kind} index ${how} ${name} on ${s}.${table} ${definition}`,
  ],
})

/** Drops an index. */
export const withoutIndex = (name: string, table: string): LaterStep => ({
  table,
  isDone: (s) => `to_regclass('${s}.${name}') is null`,
  statements: (s, how) => [`drop index ${how} if exists ${s}.${name}`],
})

/** Checks a constraint on the rows that were there before it. */
export const validated = (name: string, table: string): LaterStep => ({
  table,
  isDone: (s) =>
    `exists (select from pg_constraint where conrelid = to_regclass('${s}.${table}') and conname = '${name}' and convalidated)`,
  statements: (s) => [`alter table ${s}.${table} validate constraint ${name}`],
})

/** One query that tells whether all steps are done. */
export const areDone = (steps: readonly LaterStep[], schema: string): string =>
  `select ${steps.map((step) => step.isDone(schema)).join('\n  and ')} as done`

/**
 * Waits for an index that a server that died has left the database to build. Waiting with a statement that has a snapshot
 * would be a deadlock, because building waits for all snapshots.
 */
const builders = (schema: string, { table }: LaterStep): Statement =>
  plain(`begin; lock table ${schema}.${table} in share update exclusive mode; commit`)

/**
 * The SQLSTATE of "tuple concurrently updated". Postgres releases the lock of a build just before the build commits, so a
 * step may meet the end of one that it has waited for.
 */
const concurrentUpdate = 'XX000'

const maxAttempts = 5

/** Runs the steps that are not done, one after another. Only one server at a time may do this. */
export const runLater = async (session: Session, schema: string, steps: readonly LaterStep[]): Promise<void> => {
  const isDone = async (step: LaterStep) => (await session.send(plain(areDone([step], schema)))).rows[0]?.[0] === 't'
  const run = async (step: LaterStep, attemptsLeft = maxAttempts): Promise<void> => {
    if (await isDone(step)) return
    await session.send(builders(schema, step))
    if (await isDone(step)) return
    try {
      for (const text of step.statements(schema, concurrently)) await session.send(plain(text))
    } catch (error) {
      if (sqlStateOf(error) !== concurrentUpdate || attemptsLeft === 1) throw error
      await run(step, attemptsLeft - 1)
    }
  }
  for (const step of steps) await run(step)
}
