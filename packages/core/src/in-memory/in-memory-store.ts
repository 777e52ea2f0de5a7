import { type Clock, systemClock } from '../shared/instant.js'
import type { Rows, TableName } from '../store/rows.js'
import type { Store } from '../store/store.js'
import { StoreError } from '../store/store-error.js'
import { inMemoryAudit } from './audit.js'
import { inMemoryOutbox } from './outbox.js'
import { inMemoryReads } from './reads.js'
import { emptyData } from './tables.js'
import { load, outlines, save } from './transact.js'
import { inMemoryUpkeep } from './upkeep.js'

/** What a store in memory may be given. */
export interface InMemoryStoreOptions {
  /**
   * Tells the time.
   * @default the clock of this machine
   */
  readonly clock?: Clock
}

/** A store in this process's memory. */
export interface InMemoryStore extends Store {
  /** The stored rows of a table, past the store's own reads. */
  rows<T extends TableName>(table: T): readonly Rows[T][]
}

/**
 * The reference store: everything in this process's memory, gone with it. A transaction runs from its load to its
 * commit without a pause, so none ever overlaps another. For tests, examples and trying things out.
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
        throw new StoreError('conflict', `group ${groupId} was said not to have committed`)
      }
      save(data, changes)
      if (groupId !== undefined) data.groups.set(groupId, { committed: true, at: now() })
    },
    outlines: async (orderIds) => outlines(data, orderIds),
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
