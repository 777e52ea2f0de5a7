import { createShop, type Policies, type Store } from '@shop/core'
import { countedIds, type History, histories, manualClock, runHistory, startOfHistory } from '@shop/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'
import { type Fate, startWireProxy, type WireProxy } from './support/wire-proxy.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

const timeout = 300_000
const runs = (numRuns: number) => ({ numRuns, endOnFailure: true })

const shopOn = (store: Store, policies: Policies, newId: () => string, patienceMs: number) =>
  createShop({ store, policies, newId, limits: { groupSize: 8, lanes: 2, patienceMs } })

describe.each([
  { pipeline: true, isolation: 'read committed' },
  { pipeline: false, isolation: 'read committed' },
  { pipeline: true, isolation: 'serializable' },
] as const)('on Postgres ($isolation, pipeline $pipeline), histories', (mode) => {
  let clock = manualClock(startOfHistory)
  let servers: Store[]
  let judge: Store

  beforeAll(() => {
    const moving = { now: () => clock.now() }
    servers = [1, 2].map(() => database.store({ ...mode, clock: moving }))
    judge = database.store({ clock: moving })
  })

  const play = async (history: History, stores: readonly Store[]) => {
    await database.clear()
    clock = manualClock(startOfHistory)
    const newId = countedIds()
    await runHistory(history, {
      shops: stores.map((store) => shopOn(store as Store<never>, history.policies, newId, 60_000)),
      judge: { shop: shopOn(judge as Store<never>, history.policies, newId, 60_000), store: judge as Store<never> },
      clock,
      transactions: 'overlapping',
    })
  }

  test('of one person are answered as the oracle answers them', { timeout }, async () => {
    const property = fc.asyncProperty(histories({ steps: 30 }), (history) => play(history, servers.slice(0, 1)))
    await fc.assert(property, runs(25))
  })

  test('of several people on two servers keep every law', { timeout }, async () => {
    const property = fc.asyncProperty(histories({ branches: 4, steps: 12 }), (history) => play(history, servers))
    await fc.assert(property, runs(25))
  })
})

describe('on connections that are lost, histories', () => {
  let proxy: WireProxy

  test.each([{ pipeline: true }, { pipeline: false }])(
    'lose no command and run none twice (pipeline $pipeline)',
    { timeout },
    async ({ pipeline }) => {
      const fates = fc.array(fc.constantFrom<Fate>('forward', 'forward', 'lose', 'lose answer'), {
        minLength: 5,
        maxLength: 30,
      })
      const property = fc.asyncProperty(histories({ branches: 3, steps: 8 }), fates, async (history, script) => {
        await database.clear()
        proxy = await startWireProxy(database.url)
        const next = script.values()
        // Where a save or a commit passes, the script says what becomes of it.
        proxy.fate = ({ sql }) => {
          if (sql !== 'commit') return 'forward'
          const fate = next.next().value ?? 'forward'
          if (fate === 'lose') queueMicrotask(() => setImmediate(() => proxy.letGo()))
          return fate
        }
        const clock = manualClock(startOfHistory)
        const newId = countedIds()
        const judge = database.store({ clock }) as Store<never>
        const shaky = [1, 2].map(() => database.store({ pipeline, clock, url: proxy.url }) as Store<never>)
        await runHistory(history, {
          shops: shaky.map((store) => shopOn(store, history.policies, newId, 60_000)),
          judge: { shop: shopOn(judge, history.policies, newId, 60_000), store: judge },
          clock,
          transactions: 'overlapping',
          isFaulty: true,
          keyAll: true,
          heal: () => {
            proxy.fate = () => 'forward'
            proxy.letGo()
          },
        })
        await proxy.stop()
      })
      await fc.assert(property, runs(12))
    },
  )
})
