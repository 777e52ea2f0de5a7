import { type Clock, foldName, type Store, systemClock } from '@shop/core/store'
import sqlite from 'node-sqlite3-wasm'
import { snapshot } from './audit.js'
import { outbox, upkeep } from './jobs.js'
import { reads } from './reads.js'
import { createTables } from './tables.js'
import { transactor } from './transact.js'
import { all, type Database, inside, transactions } from './transaction.js'

export interface SqliteStoreOptions {
  /** All processes that share a file run on one machine, so the system clock works. @default the system clock */
  readonly clock?: Clock
  /** How long a transaction waits for another process. @default 1_000 */
  readonly waitMs?: number
  /** `off` survives the end of the process, but not a power failure. */
  readonly synchronous?: 'full' | 'off'
}

export interface SqliteStore extends Store<Database> {
  close(): void
}

/**
 * A store in one SQLite file, created if missing. One transaction runs at a time, across all processes.
 * `within` takes your own handle on the same file, in a transaction that began with `begin immediate`.
 */
export const openSqliteStore = async (file: string, options: SqliteStoreOptions = {}): Promise<SqliteStore> => {
  const { clock = systemClock, waitMs = 1_000, synchronous = 'full' } = options
  const db = new sqlite.Database(file)
  db.function('fold', (name) => foldName(String(name)), { deterministic: true })
  const run = transactions(db, clock, waitMs)
  await run(() => db.exec(createTables))
  // Before the schema has been read, this would need the file, which somebody else may have.
  db.exec(`pragma synchronous = ${synchronous}`)
  return {
    supports: { within: true, sharing: true, durability: true },
    ...transactor(run),
    within: (tx) => ({ ...transactor(inside(tx, clock)), reads: reads(inside(tx, clock)) }),
    committed: (groupId) =>
      run((_, now) => {
        db.run('insert or ignore into groups values (?, 0, ?)', [groupId, now])
        return all(db, 'select 1 from groups where groupId = ? and committed', groupId).length > 0
      }),
    reads: reads(run),
    outbox: outbox(run),
    upkeep: upkeep(run),
    audit: () => run(snapshot),
    ping: () => run(() => undefined),
    close: () => db.close(),
  }
}
