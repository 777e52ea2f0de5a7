import { type Clock, systemClock } from '../shared/instant.js'
import type { Rows, TableName } from '../store/rows.js'
import type { Store } from '../store/store.js'
import { StoreError } from '../store/store-error.js'
import { inMemoryAudit } from './audit.js'
import { inMemoryOutbox } from './outbox.js'
import { inMemoryReads } from './reads.js'
import { emptyData } from './tables.js'
import { couponsWithCodes, load, outlines, save } from './transact.js'
import { inMemoryUpkeep } from './upkeep.js'

/** Options of an in-memory store. */
export interface InMemoryStoreOptions {
  /**
   * The clock of the store.
   * @default the clock of this machine
   */
  readonly clock?: Clock
}

/** A store in this process's memory. */
export interface InMemoryStore extends Store {
  /** The stored rows of a table, without the store's own reads. */
  rows<T extends TableName>(table: T): readonly Rows[T][]
}

/**
 * The reference store: it keeps everything in the memory of this process. A transaction runs from load to commit without
 * interruption, so transactions never overlap. For tests and examples.
 *
 * @example const shop = createShop({ store: inMemoryStore() })
 */
export const inMemoryStore = ({ clock = systemClock }: InMemoryStoreOptions = {}): InMemoryStore => {
  const data = emptyData()
  const now = () => clock.now()
  return {
    supports: { within: false, sharing: false, durability: false },
    async transact(keys, decide, { groupId } = {}) {
      const changes = decide(load(data, keys, now()))
      if (groupId !== undefined && data.groups.has(groupId)) {
        throw new StoreError('conflict', `group ${groupId} was already reported as not committed`)
      }
      save(data, changes)
      if (groupId !== undefined) data.groups.set(groupId, { committed: true, at: now() })
    },
    load: async (keys) => load(data, keys, now()),
    outlines: async (orderIds) => outlines(data, orderIds),
    couponsWithCodes: async (codes) => couponsWithCodes(data, codes),
    async committed(groupId) {
      const group = data.groups.get(groupId) ?? { committed: false, at: now() }
      data.groups.set(groupId, group)
      return group.committed
    },
    reads: inMemoryReads(data, now),
    outbox: inMemoryOutbox(data, now),
    upkeep: inMemoryUpkeep(data, now),
    audit: async () => inMemoryAudit(data, now()),
    ping: async () => {},
    rows: (table) => [...data.tables[table].values()],
  }
}
