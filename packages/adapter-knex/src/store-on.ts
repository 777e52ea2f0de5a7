import {
  type Clock,
  type Reads,
  type StaleList,
  type Store,
  StoreError,
  type StoreSupports,
  type TransactionOpener,
} from '@shop/core/store'
import type { Knex } from 'knex'
import { auditOn } from './audit/audit.js'
import { type Database, openDatabase } from './database/database.js'
import type { PgPool } from './database/pg-pool.js'
import { askWritability, writabilityOf } from './database/writability.js'
import { historyOn } from './history/history.js'
import { outboxOn } from './outbox/outbox.js'
import { boundedQueries, listsOn, type ReadQueries, readsOn, withLists } from './reads/reads.js'
import { defaultMaxLagMs, ReplicaQueries, type ReplicaReadsOptions } from './replicas/replica-queries.js'
import { type CompanionTables, companionScript } from './transact/companions.js'
import type { HostTransactionOptions } from './transact/host-transactions.js'
import { loadOn } from './transact/load.js'
import { committedOn, type Isolation, isolations, ownTransactions, TransactionRunner } from './transact/transactor.js'
import { type HostTransaction, transactionsWithin } from './transact/within.js'
import { upkeepOn } from './upkeep/upkeep.js'
import type { WithinConnection } from './within/connection.js'

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
   * How many connections plain reads may use at once: an integer ≥ 1. The rest is for commands and jobs. The reads of all
   * stores over one pool take half of it at most, unless this is more. A read that gets no connection within a second
   * rejects with a `StoreError` of kind `unavailable`.
   * @default Half of the pool, at least 1.
   */
  readonly readConnections?: number | undefined
  /**
   * How long commands and reads wait for a database that has just gone away, in milliseconds: an integer from 0 to 9000.
   * The time counts from the start of the outage. After it, they reject at once with a `StoreError` of kind
   * `unavailable`, until the database is back. With a few seconds, a planned switchover fails no call.
   * @default 0
   */
  readonly databaseWaitMs?: number | undefined
  /**
   * Tables of your own whose rows commit with commands: `shop.orders.place(input, { with: { giftNotes: row } })`.
   * @default none
   * @example { giftNotes: { table: 'gift_notes', columns: { order_id: 'text', note: 'text' } } }
   */
  readonly companions?: CompanionTables | undefined
  /**
   * Hot standbys of this database that answer public lists, in turn: listed products, drops, popular products and
   * claimable coupons. Decisions, product detail and a user's own data never come from them. A replica is used only while
   * it proves that its data is at most `replicaReads.maxLagMs` old; with none left, the primary answers. The store never
   * ends them.
   * @default none
   */
  readonly replicas?: readonly (Knex | PgPool)[] | undefined
  /** How replicas are used. */
  readonly replicaReads?: ReplicaReadsOptions | undefined
}

/** What `within` takes besides a transaction of the store's own pool. */
type Joined<Own> = Own | WithinConnection

/** A store in Postgres. `Own` is the type of the transactions that it opens. */
export type PostgresStore<Own> = Store<Joined<Own>, Own> &
  Required<Pick<Store<Joined<Own>>, 'within'>> & { readonly transactions: TransactionOpener<Own> }

const aboveZero = (name: string, value: number): number => {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be an integer ≥ 1: ${value}`)
  return value
}

const lagOf = ({ maxLagMs = defaultMaxLagMs }: ReplicaReadsOptions): number => {
  if (!Number.isSafeInteger(maxLagMs) || maxLagMs < 100 || maxLagMs > 60_000)
    throw new RangeError(`maxLagMs must be an integer from 100 to 60000: ${maxLagMs}`)
  return maxLagMs
}

/** Below the 10 s that a command may take. */
const longestWaitMs = 9_000

const waitOf = (value: number): number => {
  if (Number.isSafeInteger(value) && value >= 0 && value <= longestWaitMs) return value
  throw new RangeError(`databaseWaitMs must be an integer from 0 to ${longestWaitMs}: ${value}`)
}

/** The default of knex. */
const defaultPoolSize = 10

const poolSizeOf = ({ client }: Knex): number => (client.pool as { max?: number } | undefined)?.max ?? defaultPoolSize

/** Opens the transactions of one kind of store. */
type Transactions<Own> = (database: Database, options: HostTransactionOptions) => TransactionOpener<Own>

/** Reads with lists from replicas, and what the store then declares. Undefined without replicas. */
const replicaLists = (
  primary: Database,
  queries: ReadQueries,
  { replicas = [], replicaReads = {}, prepared }: KnexStoreOptions,
): { readonly reads: Reads; readonly supports: Pick<StoreSupports, 'staleLists'> } | undefined => {
  const maxLagMs = lagOf(replicaReads)
  if (replicas.length === 0) return undefined
  const { live = false, observer } = replicaReads
  const elsewhere = new ReplicaQueries({ primary, queries, replicas, prepared, poolSizeOf, maxLagMs, observer })
  const reads: readonly StaleList[] = ['products', 'drops', 'ranking', 'claimableCoupons']
  return {
    reads: withLists(readsOn(primary, queries), listsOn(primary, elsewhere), { live }),
    supports: { staleLists: { maxAgeMs: maxLagMs, reads: live ? [...reads, 'productsWithIds'] : reads } },
  }
}

/** A store over a Knex or a pool of pg. */
export const storeOn = <Own extends HostTransaction>(
  source: Knex | PgPool,
  options: KnexStoreOptions,
  transactions: Transactions<Own>,
): PostgresStore<Own> => {
  const { schema, clock, prepared, isolation = 'read committed' } = options
  if (!isolations.includes(isolation)) throw new RangeError(`isolation must be one of ${isolations.join(', ')}`)
  const lockTimeoutMs = aboveZero('lockTimeoutMs', options.lockTimeoutMs ?? 2_000)
  const auditTimeoutMs = aboveZero('auditTimeoutMs', options.auditTimeoutMs ?? 60_000)
  const waitMs = waitOf(options.databaseWaitMs ?? 0)
  const database = openDatabase(source, { schema, clock, prepared, waitMs })
  const poolSize = poolSizeOf(database.knex)
  const { readConnections } = options
  const connections = readConnections === undefined ? undefined : aboveZero('readConnections', readConnections)
  const companions = companionScript(options.companions)
  const script = new TransactionRunner(database.names, clock, companions)
  const queries = boundedQueries(database, { poolSize, connections })
  const lists = replicaLists(database, queries, options)
  return {
    supports: { within: true, sharing: true, durability: true, ...lists?.supports },
    companions: companions?.names,
    ...ownTransactions(database, script, { isolation, lockTimeoutMs }),
    load: loadOn(database.names, database.now, ({ statement, values }) => queries.query(statement, values)),
    committed: committedOn(database, { lockTimeoutMs }),
    within: (tx) => transactionsWithin(tx, database, script, { prepared, isolation }),
    transactions: transactions(database, { poolSize, lockTimeoutMs }),
    reads: lists?.reads ?? readsOn(database, queries),
    outbox: outboxOn(database),
    upkeep: upkeepOn(database),
    history: historyOn(database),
    audit: auditOn(database, { timeoutMs: auditTimeoutMs }),
    async ping() {
      const state = writabilityOf(await database.borrow((session) => session.send(askWritability)))
      if (state !== 'writable') throw new StoreError('unavailable', `the database accepts no writes: ${state}`)
    },
  }
}
