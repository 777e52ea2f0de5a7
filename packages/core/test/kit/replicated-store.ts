import { inMemoryStore } from '../../src/in-memory/index.js'
import type { Reads, Store } from '../../src/store.js'
import { type Changes, type Keys, mergeKeys, type StaleList } from '../../src/store.js'

/** The lists that replicas answer. */
const lists: readonly StaleList[] = ['products', 'drops', 'ranking', 'claimableCoupons', 'productsWithIds']

export interface ReplicatedStoreOptions {
  /** How many of the transactions that the replica has not replayed it replays before a read. */
  readonly replays?: (waiting: number) => number
  /** The reads of the store, made of those of the primary and of the replica. */
  readonly reads?: (primary: Reads, replica: Reads) => Reads
  /** Whether decisions see the rows of the replica. */
  readonly decidesOnReplica?: boolean
}

/** A random part of what waits, often none of it; the same one in every run. */
export const lagging = (): ((waiting: number) => number) => {
  let state = 1
  return (waiting) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * (waiting + 1))
  }
}

const noKeys = mergeKeys([])

/** A store whose public lists come from a replica that replays its transactions late, at the time of the store. */
export const replicatedStore = (
  store: Store,
  { replays = lagging(), reads = fromReplica, decidesOnReplica = false }: ReplicatedStoreOptions = {},
): Store => {
  const log: Changes[] = []
  let now = 0
  const replica = inMemoryStore({ clock: { now: () => now } })
  const replay = async () => {
    for (const changes of log.splice(0, replays(log.length)))
      await replica.transact(noKeys, () => ({ ...changes, companions: [] }))
  }
  const loadLate = async (keys: Keys) => {
    now = (await store.load(noKeys)).now
    await replay()
    return replica.load(keys)
  }
  const late = Object.fromEntries(
    Object.entries(replica.reads).map(([name, read]) => [
      name,
      async (query: unknown) => {
        now = (await store.load(noKeys)).now
        await replay()
        return (read as (query: unknown) => Promise<unknown>)(query)
      },
    ]),
  ) as unknown as Reads
  return {
    ...store,
    supports: { ...store.supports, staleLists: { maxAgeMs: 0, reads: lists } },
    async transact(keys, decide, options) {
      let changed: Changes | undefined
      const seen = decidesOnReplica ? await loadLate(keys) : undefined
      await store.transact(
        keys,
        (loaded) => {
          changed = decide(seen ?? loaded)
          return changed
        },
        options,
      )
      if (changed) log.push(changed)
    },
    reads: reads(store.reads, late),
  }
}

/** Only what may be late comes from the replica. */
export const fromReplica = (primary: Reads, replica: Reads): Reads => ({
  ...primary,
  products: (query) => (query.includeUnlisted || query.mustBeCurrent ? primary : replica).products(query),
  ranking: (query = {}) => (query.mustBeCurrent ? primary : replica).ranking(query),
  drops: replica.drops,
  claimableCoupons: replica.claimableCoupons,
  productsWithIds: replica.productsWithIds,
})
