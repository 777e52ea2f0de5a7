import type { Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { Bulkhead } from './bulkhead.js'
import { catalogReads } from './catalog-reads.js'
import { couponReads } from './coupon-reads.js'
import { eventReads } from './event-reads.js'
import { orderReads } from './order-reads.js'
import { walletReads } from './wallet-reads.js'

/** How many of the connections may scan a whole table at once. */
const scansOf = (connections: number): number => Math.max(1, Math.floor(connections / 2))

/**
 * Reads of the store. They use at most `connections` of the pool at once, so that commands and jobs find a connection.
 * Reads that may scan a whole table, such as the product search, use half of those. A read that waits longer than a
 * second rejects as `unavailable`. The reads of jobs have no such limit.
 */
export const readsOn = (database: Database, { connections }: { readonly connections: number }): Reads => {
  const all = new Bulkhead({ width: connections })
  const scans = new Bulkhead({ width: scansOf(connections) })
  const query: Database['query'] = (statement, values) => all.run(() => database.query(statement, values))
  const scan: Database['query'] = (statement, values) => scans.run(() => query(statement, values))
  const bounded = { ...database, query }
  return {
    ...walletReads(bounded),
    ...catalogReads(bounded, scan),
    ...couponReads(bounded, scan),
    ...orderReads(bounded, scan),
    ...eventReads(bounded),
    overdueOrders: orderReads(database, database.query).overdueOrders,
  }
}
