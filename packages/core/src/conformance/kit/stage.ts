import type { Policies } from '../../policies/policies.js'
import type { Timer } from '../../shared/timer.js'
import { createShop } from '../../shop/create-shop.js'
import type { Shop } from '../../shop/shop.js'
import type { Store } from '../../store/store.js'
import { countedIds, type ManualClock } from '../../testing/manual-clock.js'
import type { Stage } from '../run-history.js'
import type { Gate } from '../store-wrappers.js'
import type { Subject } from './harness.js'

/** Time advances only while the executor pauses, and `pause` ends the pause. */
const pausedTimer = (pause: Gate): Timer => {
  let elapsed = 0
  return {
    elapsedMs: () => elapsed,
    random: () => 0.5,
    pause: (ms) => {
      elapsed += ms
      return pause('pause')
    },
  }
}

/** How the shops are created on a store. */
export interface StageOptions extends Pick<Stage, 'isFaulty' | 'keyAll' | 'heal' | 'guard'> {
  /** The rules of the shops. */
  readonly policies: Policies
  /** The number of shops. Each has its own store if the store supports `sharing`. */
  readonly shops: number
  /** Wraps the store of each shop. */
  readonly between?: <Tx>(store: Store<Tx>, shop: number) => Store<Tx>
  /**
   * Ends the executor's pauses.
   * @default real time
   */
  readonly pause?: Gate
  /** How long a caller waits for an answer, in milliseconds. */
  readonly timeoutMs?: number
}

// At SERIALIZABLE, groups of two servers that share a row often conflict more than five times.
const maxRetries = 12

/** Shops on one subject. The judge uses the store without the wrappers. */
export const stageOn = async <Tx>(
  subject: Subject<Tx>,
  clock: ManualClock,
  { policies, shops, between = (store) => store, pause, timeoutMs, ...rest }: StageOptions,
): Promise<Stage> => {
  // These ids sort after the ids in histories, like the ids of the oracle.
  const newId = countedIds()
  const open = (store: Store<Tx>): Shop<never> =>
    createShop({
      store,
      policies,
      newId,
      ...(pause && { timer: pausedTimer(pause) }),
      limits: { maxGroupSize: 4, concurrentGroups: 2, maxRetries, ...(timeoutMs !== undefined && { timeoutMs }) },
    }) as unknown as Shop<never>
  const stores = [subject.store]
  while (stores.length < shops) stores.push((await subject.another?.()) ?? subject.store)
  return {
    shops: stores.map((store, index) => open(between(store, index))),
    judge: { shop: open(subject.store), store: subject.store as unknown as Store<never> },
    clock,
    peek: () => subject.peek(),
    companion: subject.companion,
    ...rest,
  }
}
