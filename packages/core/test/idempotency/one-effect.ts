import { expect } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type Shop, type ShopOptions, type Store } from '../../src/index.js'
import { turn } from '../executor/held-store.js'

/** Asserts that all answers are equal and that exactly one is not a replay. */
export const expectOneEffect = (outcomes: readonly { readonly replayed: boolean }[]) => {
  const [first] = outcomes
  expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1)
  for (const outcome of outcomes) expect({ ...outcome, replayed: true }).toEqual({ ...first, replayed: true })
}

/** Two shops over one store, whose transactions take a turn of the event loop. The even calls go to the first. */
export const twoShops = (options: Omit<ShopOptions<never>, 'store'> = {}) => {
  const memory = inMemoryStore()
  const slow: Store = {
    ...memory,
    transact: async (...args) => {
      await turn()
      await memory.transact(...args)
    },
  }
  const shops = [createShop({ ...options, store: slow }), createShop({ ...options, store: slow })]
  return { memory, shopOf: (nth: number) => shops[nth % 2] as Shop }
}
