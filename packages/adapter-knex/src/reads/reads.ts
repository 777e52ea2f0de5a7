import type { Reads, StaleList } from '@shop/core/store'
import type { Knex } from 'knex'
import type { Database } from '../database/database.js'
import { Bulkhead } from './bulkhead.js'
import { catalogReads } from './catalog-reads.js'
import { couponReads } from './coupon-reads.js'
import { eventReads } from './event-reads.js'
import { orderReads } from './order-reads.js'
import { walletReads } from './wallet-reads.js'

/** How many of the connections may scan a whole table at once. */
const scansOf = (connections: number): number => Math.max(1, Math.floor(connections / 2))

/** Queries of plain reads. */
export interface ReadQueries {
  readonly query: Database['query']
  /** For queries that may scan a whole table. */
  readonly scan: Database['query']
}

/** What the plain reads of all stores over one pool share. */
const shared = new WeakMap<Knex, Bulkhead>()

const sharedOf = ({ knex }: Database, width: number): Bulkhead => {
  const known = shared.get(knex)
  if (known) return known
  const made = new Bulkhead({ width })
  shared.set(knex, made)
  return made
}

export interface ReadBounds {
  readonly poolSize: number
  /** At most so many connections for the reads of this store. @default half of the pool, at least 1 */
  readonly connections: number | undefined
}

/**
 * Queries of plain reads use at most `connections` of the pool at once, so that commands and jobs find a connection. The
 * stores over one pool use half of it together; a store that is given more than half has its connections alone. Those
 * that may scan a whole table, such as the product search, use half of the store's. A query that waits longer than a second
 * rejects as `unavailable`, unless the database is away and callers wait for it.
 */
export const boundedQueries = (database: Database, { poolSize, connections }: ReadBounds): ReadQueries => {
  const half = Math.max(1, Math.floor(poolSize / 2))
  const isHeldUp = () => database.isAwaited
  const read: Database['query'] = (statement, values) => database.read(statement, values)
  const within =
    (bulkhead: Bulkhead, next: Database['query']): Database['query'] =>
    (statement, values) =>
      bulkhead.run(() => next(statement, values), isHeldUp)
  const inPool = connections !== undefined && connections > half ? read : within(sharedOf(database, half), read)
  const query = connections === undefined ? inPool : within(new Bulkhead({ width: connections }), inPool)
  return { query, scan: within(new Bulkhead({ width: scansOf(connections ?? half) }), query) }
}

/** Reads of the store. Those of jobs are not bounded. */
export const readsOn = (database: Database, { query, scan }: ReadQueries): Reads => {
  const bounded = { ...database, query }
  return {
    ...walletReads(bounded, scan),
    ...catalogReads(bounded, scan),
    ...couponReads(bounded, scan),
    ...orderReads(bounded, scan),
    ...eventReads(bounded),
    walletsWithEndedLots: walletReads(database, database.query).walletsWithEndedLots,
    overdueOrders: orderReads(database, database.query).overdueOrders,
  }
}

/** The lists of `readsOn`, with the queries of others: only these may be of an earlier moment. */
export const listsOn = (database: Database, { query, scan }: ReadQueries): Pick<Reads, StaleList> => {
  const elsewhere = { ...database, query }
  const { products, drops, ranking, productsWithIds } = catalogReads(elsewhere, scan)
  return { products, drops, ranking, productsWithIds, claimableCoupons: couponReads(elsewhere, scan).claimableCoupons }
}

/** Reads that take some lists from elsewhere. What must be current is read here, and so is what administrators see. */
export const withLists = (own: Reads, lists: Pick<Reads, StaleList>, { live }: { readonly live: boolean }): Reads => ({
  ...own,
  products: (query) => (query.includeUnlisted || query.mustBeCurrent ? own : lists).products(query),
  drops: lists.drops,
  ranking: (query = {}) => (query.mustBeCurrent ? own : lists).ranking(query),
  claimableCoupons: lists.claimableCoupons,
  ...(live && { productsWithIds: lists.productsWithIds }),
})
