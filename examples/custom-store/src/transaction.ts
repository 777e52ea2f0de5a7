import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, type Rows, StoreError, type StoreErrorKind, type TableName } from '@shop/core/store'
import sqlite from 'node-sqlite3-wasm'

export type Database = sqlite.Database
type Value = string | number | null

/** Runs synchronous work in a transaction. `now` is read once the lock is held. */
export type Run = <T>(work: (db: Database, now: number) => T) => Promise<T>

export const all = <Row>(db: Database, sql: string, ...values: Value[]): Row[] =>
  db.all(sql, values) as unknown as Row[]

/** A condition: a column has one of the values of a JSON list. */
export const among = 'in (select value from json_each(?))'

/** Reads rows of a table. They are stored as JSON in the column `data`. */
export const find = <T extends TableName>(db: Database, table: T, rest: string, ...values: Value[]): Rows[T][] =>
  all<{ data: string }>(db, `select data from "${table}" ${rest}`, ...values).map(({ data }) => JSON.parse(data))

// This driver's errors have no code, only SQLite's message.
const kinds: readonly (readonly [RegExp, StoreErrorKind])[] = [
  [/database is locked/, 'busy'],
  [/^UNIQUE constraint/, 'conflict'],
  [/constraint|datatype/, 'rejected'],
  [/./, 'unavailable'],
]

/** Maps an SQLite error to an error of the port. Other errors are returned unchanged. */
const translated = (error: unknown, kind?: StoreErrorKind): unknown => {
  if (!(error instanceof sqlite.SQLite3Error)) return error
  const known = kinds.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'unavailable'
  return new StoreError(kind ?? known, error.message, { cause: error })
}

/**
 * Transactions that the store opens. They wait for the file between attempts: SQLite's own busy timeout would
 * block this process, including a holder of the lock. Only `begin` is retried, so the work runs once.
 */
export const transactions =
  (db: Database, clock: Clock, waitMs: number): Run =>
  async (work) => {
    for (const end = performance.now() + waitMs; ; await pause(5)) {
      let step = 'begin'
      try {
        db.exec('begin immediate')
        step = 'work'
        const result = work(db, clock.now())
        step = 'commit'
        db.exec('commit')
        return result
      } catch (caught) {
        const isLost = step === 'commit' && !db.inTransaction
        if (db.isOpen && db.inTransaction) db.exec('rollback')
        const error = translated(caught, isLost ? 'ambiguous' : undefined) as Partial<StoreError>
        if (step !== 'begin' || error.kind !== 'busy' || performance.now() > end) throw error
      }
    }
  }

/** Runs inside the caller's transaction. A failure rolls back only its own changes. */
export const inside =
  (db: Database, clock: Clock): Run =>
  async (work) => {
    db.exec('savepoint shop')
    try {
      return work(db, clock.now())
    } catch (error) {
      db.exec('rollback to shop')
      throw translated(error)
    } finally {
      db.exec('release shop')
    }
  }

/** The methods of a part of the port without their promises. Each runs in its own transaction. */
type InTransaction<Port> = {
  [M in keyof Port]: Port[M] extends (...args: infer Args) => Promise<infer T> ? (...args: Args) => T : never
}

export const each = <Port>(run: Run, port: (db: Database, now: number) => InTransaction<Port>): Port => {
  const names = Object.keys(port(undefined as never, 0)) as (keyof Port)[]
  const call =
    (name: keyof Port) =>
    (...args: never[]) =>
      run((db, now) => port(db, now)[name](...args))
  return Object.fromEntries(names.map((name) => [name, call(name)])) as Port
}
