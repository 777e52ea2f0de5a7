import { type History, histories, playOn, type Step, search } from '@shop/core/conformance'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import { knexHarness } from './knex-harness.js'
import { type ShopProcess, startShopProcess } from './remote-shop.js'

let database: ShopDatabase
let other: ShopProcess

beforeAll(async () => {
  ;[database, other] = await Promise.all([openShopDatabase(), startShopProcess()])
})
afterAll(async () => {
  await other.stop()
  await database.drop()
})

/** Commands only: a clock cannot be moved in both processes at the same moment. */
const commands: readonly Step['do'][] = [
  'balance.charge',
  'balance.withdraw',
  'balance.adjust',
  'products.update',
  'products.changeStock',
  'coupons.issue',
  'coupons.update',
  'orders.place',
  'payments.pay',
  'orders.cancel',
  'orders.refund',
  'again',
  'refer-again',
  'balance.history',
]

it('two processes on one database keep every law', { timeout: 120_000 }, async () => {
  const harness = knexHarness(() => database, { name: 'two processes', connections: 4 })
  let there = 0
  await fc.assert(
    fc.asyncProperty(histories({ branches: 6, steps: 6, only: commands }), async (history: History) => {
      await playOn(harness, history, { shops: 1 }, async (stage) => {
        const remote = await other.open(database.url, history.policies, stage.clock)
        const execute = remote.execute
        const counted = Object.assign(remote, {
          execute: (...args: Parameters<typeof execute>) => {
            there += 1
            return execute(...args)
          },
        })
        // Functions that make companion rows do not reach the other process.
        return { ...stage, shops: [...stage.shops, counted], isOrderUnknown: true, companion: undefined }
      })
    }),
    search(5),
  )
  expect(there).toBeGreaterThan(20)
})
