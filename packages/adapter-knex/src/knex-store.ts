import { type Clock, type Store, StoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import { auditOn } from './audit/audit.js'
import { openDatabase } from './database/database.js'
import type { PgConnection } from './database/session.js'
import { askWritability, writabilityOf } from './database/writability.js'
import { outboxOn } from './outbox/outbox.js'
import { boundedQueries, readsOn } from './reads/reads.js'
import { type CompanionTables, companionScript } from './transact/companions.js'
import { loadOn } from './transact/load.js'
import { committedOn, type Isolation, isolations, ownTransactions, TransactionRunner } from './transact/transactor.js'
import { transactionsWithin } from './transact/within.js'
import { upkeepOn } from './upkeep/upkeep.js'

/** Options of `knexStore`. Times are in milliseconds. */
export interface KnexStoreOptions {
  /**
   * The Postgres schema of the shop's tables.
   * @default 'shop'
   */
  readonly schema?: string
  /**
   * The clock of all decisions.
   * @default The database's, which several servers share.
   */
  readonly clock?: Clock
  /**
   * How long a transaction waits for a row that another one has locked: an integer ≥ 1.
   * @default 2000
   */
  readonly lockTimeoutMs?: number
  /**
   * The isolation of transactions. Both are correct, because rows are locked before they are read; the default is faster.
   * All servers of one database must have the same one: at serializable, Postgres detects missed orders only among
   * transactions that are all serializable.
   * @default 'read committed'
   */
  readonly isolation?: Isolation
  /**
   * `false` behind a pooler that gives each transaction another session (pgbouncer in transaction mode): then statements
   * have no names. Not needed over a `knexConnection` that has this option.
   * @default true
   */
  readonly prepared?: boolean | undefined
  /**
   * How long each statement of an audit may take: an integer ≥ 1.
   * @default 60000
   */
  readonly auditTimeoutMs?: number
  /**
   * How many connections plain reads may use at once: an integer ≥ 1. The rest is for commands and jobs. A read that gets
   * no connection within a second rejects with a `StoreError` of kind `unavailable`.
   * @default Half of the pool, at least 1.
   */
  readonly readConnections?: number
  /**
   * Tables of your own whose rows commit with commands: `shop.orders.place(input, { with: { giftNotes: row } })`.
   * @default none
   * @example { giftNotes: { table: 'gift_notes', columns: { order_id: 'text', note: 'text' } } }
   */
  readonly companions?: CompanionTables<KnexWriting> | undefined
}

/** What code of the host writes companions with: queries of knex on the connection of the group's transaction. */
export interface KnexWriting {
  /** Begins a query on a table. */
  (table: string): Knex.QueryBuilder
  /** Runs SQL. */
  raw(sql: string, bindings?: readonly Knex.RawBinding[]): Knex.Raw
}

const writingOn =
  (knex: Knex) =>
  (connection: PgConnection): KnexWriting =>
    Object.assign((table: string) => knex(table).connection(connection), {
      raw: (sql: string, bindings: readonly Knex.RawBinding[] = []) => knex.raw(sql, bindings).connection(connection),
    })

const aboveZero = (name: string, value: number): number => {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be an integer ≥ 1: ${value}`)
  return value
}

/** The default of knex. */
const defaultPoolSize = 10

const poolSizeOf = ({ client }: Knex): number => (client.pool as { max?: number } | undefined)?.max ?? defaultPoolSize

/**
 * Creates a store in Postgres (13 or later), over a Knex of the host or of `knexConnection`. Call `migrate` first.
 * The store never ends the Knex. Its methods reject with a `StoreError`.
 * @throws RangeError for an option that is out of range; TypeError if the client of the Knex is not `pg`.
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
  const companions = companionScript(options.companions ?? {}, writingOn(knex))
  const script = new TransactionRunner(database.names, clock, companions)
  const queries = boundedQueries(database, { connections })
  return {
    supports: { within: true, sharing: true, durability: true },
    companions: companions?.names,
    transactions: {
      atOnce: Math.max(1, poolSizeOf(knex) - 2),
      run: (work) => knex.transaction((trx) => work(trx as never)),
    },
    ...ownTransactions(database, script, { isolation, lockTimeoutMs }),
    load: loadOn(database.names, database.now, ({ statement, values }) => queries.query(statement, values)),
    committed: committedOn(database, { lockTimeoutMs }),
    within: (trx) => transactionsWithin(trx, database, script, { prepared, isolation }),
    reads: readsOn(database, queries),
    outbox: outboxOn(database),
    upkeep: upkeepOn(database),
    audit: auditOn(database, { timeoutMs: auditTimeoutMs }),
    async ping() {
      const state = writabilityOf(await database.borrow((session) => session.send(askWritability)))
      if (state !== 'writable') throw new StoreError('unavailable', `the database accepts no writes: ${state}`)
    },
  }
}
