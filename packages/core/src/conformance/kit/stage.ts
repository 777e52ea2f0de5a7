import type { Policies } from '../../policies/policies.js'
import type { Timer } from '../../shared/timer.js'
import { createShop } from '../../shop/create-shop.js'
import type { Shop } from '../../shop/shop.js'
import type { Store } from '../../store/store.js'
import { countedIds, type ManualClock } from '../../testing/manual-clock.js'
import type { Stage } from '../run-history.js'
import type { Gate } from '../store-wrappers.js'
import type { Subject } from './harness.js'

/** Time passes only while the executor pauses, and as fast as `pause` lets it. */
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

/** How shops are put on a store. */
export interface StageOptions extends Pick<Stage, 'isFaulty' | 'keyAll' | 'heal' | 'guard'> {
  /** The rules of the shops. */
  readonly policies: Policies
  /** How many shops: on stores of their own, where the store supports `sharing`. */
  readonly shops: number
  /** What stands between each shop and its store. */
  readonly between?: <Tx>(store: Store<Tx>, shop: number) => Store<Tx>
  /** Lets the executor's pauses end; real time, where left out. */
  readonly pause?: Gate
  /** How long a caller waits for an answer. */
  readonly timeoutMs?: number
}

// At SERIALIZABLE, groups of two servers that meet at one row abort one another more often than five times.
const maxRetries = 12

/** Shops on one subject; the judge talks to its store directly. */
export const stageOn = async <Tx>(
  subject: Subject<Tx>,
  clock: ManualClock,
  { policies, shops, between = (store) => store, pause, timeoutMs, ...rest }: StageOptions,
): Promise<Stage> => {
  // They sort behind the ids that histories name themselves, as the oracle's do.
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
    ...rest,
  }
}
