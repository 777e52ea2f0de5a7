import { type History, histories, runHistory } from '@shop/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import { tries } from './options.js'
import { type StagesOptions, stagesOn } from './stage.js'

const levels: readonly (StagesOptions & { readonly name: string; readonly runs: number })[] = [
  { name: 'READ COMMITTED, two servers', connections: 12, shops: 2, runs: 20 },
  { name: 'SERIALIZABLE, two servers', isolation: 'serializable', connections: 12, shops: 2, runs: 12 },
  { name: 'one connection: whoever left its transaction would wait for ever', connections: 1, shops: 1, runs: 8 },
]

describe('histories of eight people at once on Postgres', () => {
  let database: ShopDatabase

  beforeAll(async () => {
    database = await openShopDatabase()
  })

  afterAll(() => database.drop())

  it.each(levels)('keep every law at $name', { timeout: 300_000 }, async ({ runs, ...options }) => {
    const stage = stagesOn(database, options)
    await fc.assert(
      fc.asyncProperty(histories({ branches: 8, steps: 8 }), fc.nat(), async (history: History, seed) => {
        await runHistory(history, await stage({ ...history, seed }))
      }),
      tries(runs),
    )
  })
})
