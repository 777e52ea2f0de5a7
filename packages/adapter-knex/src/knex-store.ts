import { type Clock, type Store, StoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import { auditOn } from './audit/audit.js'
import { openDatabase } from './database/database.js'
import { askWritability, writabilityOf } from './database/writability.js'
import { outboxOn } from './outbox/outbox.js'
import { readsOn } from './reads/reads.js'
import { committedOn, type Isolation, isolations, ownTransactions } from './transact/own-transaction.js'
import { TransactionRunner } from './transact/transactor.js'
import { transactionsWithin } from './transact/within.js'
import { upkeepOn } from './upkeep/upkeep.js'

export interface KnexStoreOptions {
  /** The Postgres schema of our tables: `shop`, where left out. */
  readonly schema?: string
  /** The database's, where left out, so that several servers share one. */
  readonly clock?: Clock
  /** How long a transaction waits for a row that another one has locked: 2,000 ms, where left out. */
  readonly lockTimeoutMs?: number
  /** Everything is right at `read committed`, and faster: rows are locked before they are looked at. */
  readonly isolation?: Isolation
  /**
   * `false` behind a pooler that lends another session of the database to each transaction (pgbouncer in transaction mode):
   * no statement is prepared under a name. A `knexConnection` that was made so needs no telling. @default true
   */
  readonly prepared?: boolean | undefined
  /** Bounds each statement of an audit: 60,000 ms, where left out. */
  readonly auditTimeoutMs?: number
  /**
   * How many connections plain reads use at once. @default half of the pool. The rest is for commands and jobs. A
   * read that gets no connection within a second is `unavailable`.
   */
  readonly readConnections?: number
}

const aboveZero = (name: string, value: number): number => {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} must be a whole number above 0: ${value}`)
  return value
}

/** What knex takes where nobody says otherwise. */
const usualPoolSize = 10

const poolSizeOf = ({ client }: Knex): number => (client.pool as { max?: number } | undefined)?.max ?? usualPoolSize

/**
 * The shop's data in Postgres (13 or later), over a Knex of the host's or of `knexConnection`. Call `migrate` first.
 * Its Knex is borrowed: the store never ends it.
 */
export const knexStore = (
  knex: Knex,
  options: KnexStoreOptions = {},
): Store<Knex.Transaction> & Required<Pick<Store<Knex.Transaction>, 'within'>> => {
  const { schema, clock, prepared, isolation = 'read committed' } = options
  if (!isolations.includes(isolation)) throw new RangeError(`isolation must be one of ${isolations.join(', ')}`)
  const lockTimeoutMs = aboveZero('lockTimeoutMs', options.lockTimeoutMs ?? 2_000)
  const auditTimeoutMs = aboveZero('auditTimeoutMs', options.auditTimeoutMs ?? 60_000)
  const connections = aboveZero(
    'readConnections',
    options.readConnections ?? Math.max(1, Math.floor(poolSizeOf(knex) / 2)),
  )
  const database = openDatabase(knex, { schema, clock, prepared })
  const script = new TransactionRunner(database.names, clock)
  return {
    supports: { within: true, sharing: true, durability: true },
    ...ownTransactions(database, script, { isolation, lockTimeoutMs }),
    committed: committedOn(database, { lockTimeoutMs }),
    within: (trx) => transactionsWithin(trx, database.names, script, prepared),
    reads: readsOn(database, { connections }),
    outbox: outboxOn(database),
    upkeep: upkeepOn(database),
    audit: auditOn(database, { timeoutMs: auditTimeoutMs }),
    async ping() {
      const state = writabilityOf(await database.borrow((session) => session.send(askWritability)))
      if (state !== 'writable') throw new StoreError('unavailable', `the database takes no writes: ${state}`)
    },
  }
}
