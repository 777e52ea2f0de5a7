import type { Stage } from '../../src/conformance/run-history.js'
import { startOfHistory } from '../../src/conformance/steps.js'
import type { Gate } from '../../src/conformance/store-wrappers.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { type CompanionRow, createShop, type Policies, type Shop, type Store, type Timer } from '../../src/index.js'
import { countedIds, manualClock } from '../../src/testing/manual-clock.js'

/** Time advances only while the executor pauses. */
const pausedTimer = (pause: () => Promise<void> = () => Promise.resolve()): Timer => {
  let elapsed = 0
  return {
    elapsedMs: () => elapsed,
    random: () => 0.5,
    pause: (ms) => {
      elapsed += ms
      return pause()
    },
  }
}

export interface StageOptions extends Pick<Stage, 'isFaulty' | 'keyAll' | 'heal'> {
  readonly policies: Policies
  readonly shops?: number
  /** Wrappers between the shops and the store. */
  readonly between?: (store: Store) => Store
  readonly pause?: Gate
  readonly timeoutMs?: number
}

/** Shops on one in-memory store, with a manual clock. */
export const stage = ({
  policies,
  shops = 1,
  between = (store) => store,
  pause,
  timeoutMs = 1e9,
  ...rest
}: StageOptions): Stage => {
  const clock = manualClock(startOfHistory)
  const problem = ({ note }: CompanionRow) => (note === 'fails' ? '23514' : undefined)
  const store = inMemoryStore({ clock, companions: { notes: { problem } } })
  const newId = countedIds()
  const open = (own: Store): Shop => {
    const timer = pausedTimer(pause && (() => pause('pause')))
    return createShop({
      store: own,
      policies,
      newId,
      timer,
      limits: { maxGroupSize: 4, concurrentGroups: 2, timeoutMs },
    })
  }
  return {
    shops: Array.from({ length: shops }, () => open(between(store))),
    judge: { shop: open(store), store },
    clock,
    companion: { name: 'notes', rows: async () => store.companionRows('notes') },
    ...rest,
  }
}
