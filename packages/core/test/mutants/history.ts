import { createShop, type ShopOptions, type Store } from '../../src/index.js'
import { nothingChanged } from '../../src/store.js'
import type { Mutant } from './mutant.js'

/** A shop on a store whose history is changed. */
const withHistory =
  (change: (history: NonNullable<Store['history']>) => NonNullable<Store['history']>) =>
  (options: ShopOptions<never>) => {
    const { history } = options.store
    return createShop({ ...options, store: { ...options.store, ...(history && { history: change(history) }) } })
  }

export const historyMutants: readonly Mutant[] = [
  {
    id: 'H01',
    title: 'lost group not reported',
    part: 'executor',
    fits: ['HISTORY-LOST'],
    breaks: {
      open: withHistory((history) => ({
        identity: () => history.identity(),
        async missing(groupIds) {
          const missing = await history.missing(groupIds)
          return { ...missing, groupIds: missing.groupIds.slice(1) }
        },
      })),
    },
  },
  {
    id: 'H02',
    title: 'groups that are there reported as lost',
    part: 'executor',
    fits: ['HISTORY-LOST'],
    breaks: {
      open: withHistory((history) => ({
        identity: () => history.identity(),
        missing: async (groupIds) => ({ ...(await history.missing(groupIds)), groupIds }),
      })),
    },
  },
  {
    id: 'H03',
    title: 'loss recorded without its event',
    part: 'store',
    fits: ['HISTORY-LOST'],
    breaks: {
      store: (store, isOn) => ({
        ...store,
        transact: (keys, decide, options) =>
          store.transact(
            keys,
            (loaded) => {
              const changes = decide(loaded)
              const isLoss = isOn && changes.historyLosses.inserted.length > 0
              return isLoss ? { ...changes, events: nothingChanged.events } : changes
            },
            options,
          ),
      }),
    },
  },
]
