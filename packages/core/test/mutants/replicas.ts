import type { Reads, Store } from '../../src/store.js'
import { fromReplica, lagging, type ReplicatedStoreOptions, replicatedStore } from '../kit/replicated-store.js'
import type { Mutant } from './mutant.js'

type Query = (query: never) => Promise<unknown>

/** A store with a replica that is used as it should be, or with a mistake. */
const replicated =
  (mistake: ReplicatedStoreOptions) =>
  (store: Store, isOn: boolean): Store =>
    replicatedStore(store, isOn ? mistake : {})

/** These reads come from the replica, too. */
const alsoFromReplica = (...names: readonly (keyof Reads)[]): ReplicatedStoreOptions => ({
  reads: (primary, replica) => ({
    ...fromReplica(primary, replica),
    ...Object.fromEntries(names.map((name) => [name, (query: never) => (replica[name] as Query)(query)])),
  }),
})

/** Half of a page is of the present, the other half of an earlier moment. */
const mixed: ReplicatedStoreOptions = {
  reads: (primary, replica) => ({
    ...fromReplica(primary, replica),
    async products(query) {
      const [current, late] = [await primary.products(query), await replica.products(query)]
      const half = Math.ceil(current.found.length / 2)
      return { ...current, found: [...current.found.slice(0, half), ...late.found.slice(half)] }
    },
  }),
}

const stopped = (): ReplicatedStoreOptions => {
  const replays = lagging()
  let reads = 0
  return {
    replays(waiting) {
      reads += 1
      return reads > 3 ? 0 : replays(waiting)
    },
  }
}

/** Mistakes in the use of replicas. */
export const replicaMutants: readonly Mutant[] = [
  {
    id: 'R01',
    title: 'a decision on the rows of a replica',
    part: 'store',
    fits: ['ALONE'],
    breaks: { store: replicated({ decidesOnReplica: true }) },
  },
  {
    id: 'R02',
    title: 'product detail from a replica',
    part: 'store',
    fits: ['LIST-FRESH', 'ALONE'],
    breaks: { store: replicated(alsoFromReplica('product')) },
  },
  {
    id: 'R03',
    title: "a user's wallet and coupons from a replica",
    part: 'store',
    fits: ['ALONE'],
    breaks: { store: replicated(alsoFromReplica('wallet', 'entries', 'couponsOf')) },
  },
  {
    id: 'R04',
    title: "an administrator's list, or one that must be current, from a replica",
    part: 'store',
    fits: ['LIST-FRESH', 'ALONE'],
    breaks: { store: replicated(alsoFromReplica('products', 'ranking')) },
  },
  {
    id: 'R05',
    title: 'a lagging replica used for as long as it lags',
    part: 'store',
    fits: ['LIST-FRESH'],
    breaks: { store: (store, isOn) => replicatedStore(store, isOn ? stopped() : {}) },
  },
  {
    id: 'R06',
    title: 'a page with rows of two moments',
    part: 'store',
    fits: ['ALONE'],
    breaks: { store: replicated(mixed) },
  },
]
