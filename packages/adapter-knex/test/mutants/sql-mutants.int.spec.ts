import { playTrial, storeTrials, TrialFailed } from '@shop/core/conformance'
import type { Store } from '@shop/core/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KnexHarnessOptions, knexHarness } from '../kit/knex-harness.js'
import { keysOf, openShopDatabase, put, type ShopDatabase } from '../support/open-shop-database.js'
import { changing, noon, productOf } from '../support/rows.js'
import { crossing, sqlMutants, unharmed } from './sql-mutants.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

/** The laws that the kit finds broken, and unexpected errors. */
const brokenBy = async (options: Partial<KnexHarnessOptions>, laws: readonly string[]): Promise<readonly string[]> => {
  const harness = knexHarness(() => database, { name: 'a mutant', connections: 6, ...options })
  const broken: string[] = []
  for (const trial of storeTrials.filter(({ id }) => laws.includes(id))) {
    try {
      await playTrial(trial, harness)
    } catch (error) {
      broken.push(error instanceof TrialFailed ? error.law : 'NO-UNEXPECTED-ERROR')
    }
  }
  return broken
}

const scenes = (law: string): readonly string[] => (law === 'NO-UNEXPECTED-ERROR' ? ['TRANSACT-LOADS'] : [law])

describe("mutants of the adapter's SQL", () => {
  it.each(sqlMutants)('$id: $title, is caught by $law', async ({ law, tamper, options }) => {
    expect(await brokenBy({ ...options, tamper }, scenes(law))).toEqual([law])
  })

  it.each(sqlMutants)('$id: without the mutation nothing is caught', async ({ law, options }) => {
    expect(await brokenBy({ ...options, tamper: unharmed }, scenes(law))).toEqual([])
  })

  const crossOn = async (tamper: NonNullable<KnexHarnessOptions['tamper']>, rounds: number): Promise<number> => {
    const { create } = knexHarness(() => database, { name: 'crossing', connections: 6, tamper })
    const { store, another } = await create({ clock: { now: () => noon } })
    const stores = [store, (await another?.()) ?? store]
    const products = Array.from({ length: 30 }, (_, index) => productOf(`p${index}`))
    await put(store, { inserted: { products } })
    const touch = async (index: number) => {
      await (stores[index % 2] as Store).transact(
        keysOf({ lock: { products: products.map(({ productId }) => productId) } }),
        (loaded) => changing({ updated: { products: loaded.products.map((each) => ({ ...each, price: index })) } }),
      )
    }
    const crossings = async (): Promise<number> => {
      const ended = await Promise.allSettled(Array.from({ length: 24 }, (_, index) => touch(index)))
      return ended.filter(({ status }) => status === 'rejected').length
    }
    // Whether two crossing transactions deadlock depends on timing, so they get several chances.
    for (let round = 0; round < rounds; round += 1) {
      const found = await crossings()
      if (found > 0) return found
    }
    return 0
  }

  it('M12 in SQL: one of two servers locks rows in the opposite order, is caught by their deadlocks', async () => {
    expect(await crossOn(crossing, 50)).toBeGreaterThan(0)
    expect(await crossOn(unharmed, 5)).toBe(0)
  })
})
