import { type Clock, systemClock } from '../shared/instant.js'
import type { CompanionRow, Rows, TableName } from '../store/rows.js'
import type { Store } from '../store/store.js'
import { StoreError } from '../store/store-error.js'
import { inMemoryAudit } from './audit.js'
import { inMemoryOutbox } from './outbox.js'
import { inMemoryReads } from './reads.js'
import { type CompanionTable, emptyData } from './tables.js'
import { couponsWithCodes, load, outlines, save } from './transact.js'
import { inMemoryUpkeep } from './upkeep.js'

/** Options of an in-memory store. */
export interface InMemoryStoreOptions {
  /**
   * The clock of the store.
   * @default the clock of this machine
   */
  readonly clock?: Clock
  /**
   * Tables of the host's that commit with commands, by name.
   * @default none
   */
  readonly companions?: Readonly<Record<string, CompanionTable>> | undefined
}

/** A store in this process's memory. */
export interface InMemoryStore extends Store {
  /** The stored rows of a table, without the store's own reads. */
  rows<T extends TableName>(table: T): readonly Rows[T][]
  /** The rows of a companion, in the order in which they were written. */
  companionRows(companion: string): readonly CompanionRow[]
}

/**
 * The reference store: it keeps everything in the memory of this process. A transaction runs from load to commit without
 * interruption, so transactions never overlap. For tests and examples.
 *
 * @example const shop = createShop({ store: inMemoryStore() })
 */
export const inMemoryStore = ({ clock = systemClock, companions = {} }: InMemoryStoreOptions = {}): InMemoryStore => {
  const data = emptyData(companions)
  const now = () => clock.now()
  return {
    supports: { within: false, sharing: false, durability: false },
    companions: Object.keys(companions),
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
    companionRows: (companion) => [...(data.companions.get(companion)?.rows ?? [])],
  }
}
