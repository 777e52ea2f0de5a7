import { type Clock, systemClock } from '../shared/instant.js'
import type { Store } from '../store/store.js'
import { inMemoryAudit } from './audit.js'
import { inMemoryOutbox } from './outbox.js'
import { inMemoryReads } from './reads.js'
import { emptyData } from './tables.js'
import { load, outlines, save } from './transact.js'
import { inMemoryUpkeep } from './upkeep.js'

export interface InMemoryStoreOptions {
  /** The system's, where left out. */
  readonly clock?: Clock
}

/**
 * The reference store: everything in this process's memory, gone with it. A transaction runs from its load to its
 * commit without a pause, so none ever overlaps another. For tests, examples and trying things out.
 */
export const inMemoryStore = ({ clock = systemClock }: InMemoryStoreOptions = {}): Store => {
  const data = emptyData()
  const now = () => clock.now()
  return {
    async transact(keys, decide, { groupId } = {}) {
      const changes = decide(load(data, keys, now()))
      save(data, changes)
      if (groupId !== undefined) data.groups.set(groupId, now())
    },
    outlines: async (orderIds) => outlines(data, orderIds),
    committed: async (groupId) => data.groups.has(groupId),
    reads: inMemoryReads(data, now),
    outbox: inMemoryOutbox(data, now),
    upkeep: inMemoryUpkeep(data, now),
    audit: async () => inMemoryAudit(data, now()),
    ping: async () => {},
  }
}
