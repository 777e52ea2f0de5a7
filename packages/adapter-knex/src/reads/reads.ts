import type { Reads, StaleList } from '@shop/core/store'
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

/**
 * Queries of plain reads use at most `connections` of the pool at once, so that commands and jobs find a connection. Those
 * that may scan a whole table, such as the product search, use half of them. A query that waits longer than a second
 * rejects as `unavailable`, unless the database is away and callers wait for it.
 */
export const boundedQueries = (database: Database, { connections }: { readonly connections: number }): ReadQueries => {
  const isHeldUp = () => database.isAwaited
  const all = new Bulkhead({ width: connections, isHeldUp })
  const scans = new Bulkhead({ width: scansOf(connections), isHeldUp })
  const query: Database['query'] = (statement, values) => all.run(() => database.read(statement, values))
  return { query, scan: (statement, values) => scans.run(() => query(statement, values)) }
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
