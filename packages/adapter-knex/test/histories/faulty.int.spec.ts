import type { Store } from '@shop/core'
import { faultScripts, faultyStore, followScript, histories, runHistory } from '@shop/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import { tries } from './options.js'
import { stagesOn } from './stage.js'

describe('histories on a Postgres that fails', () => {
  let database: ShopDatabase

  beforeAll(async () => {
    database = await openShopDatabase()
  })

  afterAll(() => database.drop())

  it('lose no command and run none twice', { timeout: 300_000 }, async () => {
    const stage = stagesOn(database, { connections: 12, shops: 2 })
    await fc.assert(
      fc.asyncProperty(
        histories({ branches: 4, steps: 8 }),
        faultScripts(),
        fc.nat(),
        async (history, script, seed) => {
          const plan = followScript(script, () => new Promise((resolve) => setTimeout(resolve, 10)))
          const between = (store: Store<never>) => faultyStore(store, plan)
          const options = { ...history, seed, between, keyAll: true, isFaulty: true, heal: plan.heal }
          await runHistory(history, await stage(options))
        },
      ),
      tries(12),
    )
  })
})
