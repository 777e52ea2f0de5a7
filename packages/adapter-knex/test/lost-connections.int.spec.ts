import { createShop } from '@shop/core'
import { histories, runHistory, search, startOfHistory } from '@shop/core/conformance'
import type { Store } from '@shop/core/store'
import { countedIds, manualClock } from '@shop/core/testing'
import { type Fate, startWireProxy } from '@shop/test-support/wire-proxy'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

const fates = fc.array(fc.constantFrom<Fate>('forward', 'forward', 'drop', 'lose answer'), {
  minLength: 5,
  maxLength: 30,
})

describe('histories on connections that break at commits', () => {
  test.each([{ pipeline: true }, { pipeline: false }])(
    'lose no command and run none twice (pipeline $pipeline)',
    { timeout: 300_000 },
    async ({ pipeline }) => {
      const proxy = await startWireProxy(database.url)
      const clock = manualClock(startOfHistory)
      const judge = database.store({ clock, pool: { max: 2 } }) as Store<never>
      const shaky = database.store({ pipeline, clock, url: proxy.url }) as Store<never>
      const property = fc.asyncProperty(histories({ branches: 3, steps: 8 }), fates, async (history, script) => {
        await database.clear()
        clock.move(startOfHistory - clock.now())
        const next = script.values()
        proxy.fate = ({ sql }) => (sql === 'commit' ? (next.next().value ?? 'forward') : 'forward')
        const newId = countedIds()
        const open = (store: Store<never>) => createShop({ store, policies: history.policies, newId })
        await runHistory(history, {
          shops: [open(shaky), open(shaky)],
          judge: { shop: open(judge), store: judge },
          clock,
          isFaulty: true,
          keyAll: true,
          heal: () => {
            proxy.fate = () => 'forward'
          },
        })
      })
      await fc.assert(property, search(15))
      await proxy.stop()
    },
  )
})
