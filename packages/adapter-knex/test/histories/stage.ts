import type { KnexStoreOptions } from '@shop/adapter-knex'
import { createShop, type Policies, type Shop, type Store } from '@shop/core'
import { countedIds, gatedStore, manualClock, type Stage, startOfHistory } from '@shop/core/testing'
import type { ShopDatabase } from '../support/open-shop-database.js'

/** Chance that comes out the same for the same seed. */
const seededChance = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A short wait before every port call, so that transactions meet in other ways each time. */
const jitter = (seed: number) => {
  const chance = seededChance(seed)
  return () => new Promise<void>((resolve) => (chance() < 0.5 ? resolve() : setTimeout(resolve, chance() * 4)))
}

export interface StagesOptions {
  readonly isolation?: KnexStoreOptions['isolation']
  /** Connections of the shops' pool. */
  readonly connections: number
  readonly shops: number
}

export interface Play extends Pick<Stage, 'isFaulty' | 'keyAll' | 'heal'> {
  readonly policies: Policies
  readonly seed: number
  readonly between?: (store: Store<never>) => Store<never>
}

/** Stages on one database, which is emptied before each; the judge has connections of its own. */
export const stagesOn = (database: ShopDatabase, { isolation, connections, shops }: StagesOptions) => {
  const pool = { pool: { max: connections } }
  const clock = manualClock(startOfHistory)
  const options = { clock, ...(isolation && { isolation }) }
  const store = database.store({ ...options, ...pool })
  const judge = database.store({ ...options, pool: { max: 2 } })
  return async ({ policies, seed, between = (own) => own, ...rest }: Play): Promise<Stage> => {
    await database.clear()
    clock.move(startOfHistory - clock.now())
    // At SERIALIZABLE, groups of two servers that meet at one row abort one another more often than five times.
    // Ids that sort behind those that the histories name themselves, as the oracle's do.
    const newId = countedIds()
    const open = (own: Store<never>): Shop<never> =>
      createShop({ store: own, policies, newId, limits: { retries: 12 } })
    return {
      shops: Array.from({ length: shops }, (_, index) => open(between(gatedStore(store, jitter(seed + index))))),
      judge: { shop: open(judge), store: judge },
      clock,
      ...rest,
    }
  }
}
