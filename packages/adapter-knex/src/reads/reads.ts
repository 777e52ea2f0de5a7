import type { Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { Bulkhead } from './bulkhead.js'
import { catalogReads } from './catalog-reads.js'
import { couponReads } from './coupon-reads.js'
import { eventReads } from './event-reads.js'
import { orderReads } from './order-reads.js'
import { walletReads } from './wallet-reads.js'

/** Of those connections, how many may look through a whole table at once. */
const scansOf = (connections: number): number => Math.max(1, Math.floor(connections / 2))

/**
 * Reads use at most `connections` of the pool at once: whatever strangers read, commands and jobs find a connection. Reads
 * that may have to look through a whole table, the search of products above all, use half of those, so that they hold up
 * no others. Who waits longer than a second is told `unavailable`. What jobs read is theirs.
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
