import { histories, runHistory } from '@shop/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import { tries } from './options.js'
import { stagesOn } from './stage.js'

describe('a history of one person on Postgres', () => {
  let database: ShopDatabase

  beforeAll(async () => {
    database = await openShopDatabase()
  })

  afterAll(() => database.drop())

  it('is answered as the oracle answers it, under any policies', { timeout: 300_000 }, async () => {
    const stage = stagesOn(database, { connections: 2, shops: 1 })
    await fc.assert(
      fc.asyncProperty(histories({ steps: 40 }), async (history) => {
        await runHistory(history, await stage({ ...history, seed: 0 }))
      }),
      tries(20),
    )
  })
})
