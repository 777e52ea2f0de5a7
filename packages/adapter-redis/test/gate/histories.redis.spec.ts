import { setTimeout as pause } from 'node:timers/promises'
import { type CommandMiddleware, createShop, type Store } from '@shop/core'
import {
  faultScripts,
  faultyStore,
  followScript,
  gatedStore,
  type History,
  histories,
  runHistory,
  startOfHistory,
} from '@shop/core/conformance'
import { countedIds, manualClock } from '@shop/core/testing'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatedServer } from '../support/gated-server.js'
import { type MemoryDatabase, memoryDatabase } from '../support/memory-database.js'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

interface Scene {
  readonly between?: (store: Store) => Store
  readonly heal?: () => void
  /** Redis is wiped after this many transactions, repeatedly. */
  readonly wipeEvery: number
}

/** Runs a history on two servers with gates and one without, and checks every law. Resolves with the gates' verdicts. */
const play = async (history: History, { between = (store) => store, heal, wipeEvery }: Scene) => {
  let transactions = 0
  const database = memoryDatabase({
    policies: history.policies,
    clock: manualClock(startOfHistory),
    async delay() {
      transactions += 1
      if (transactions % wipeEvery === 0) await redis.flush()
      if (transactions % 3 === 0) await pause(1)
    },
  })
  const newId = countedIds()
  const open = (store: Store, middleware: readonly CommandMiddleware[] = []) =>
    createShop({ store, policies: history.policies, newId, limits: { maxGroupSize: 4 }, middleware })
  const own: MemoryDatabase = {
    ...database,
    shop: (middleware) => open(between(database.store), middleware),
  }
  const gated = [await gatedServer(own, redis.url), await gatedServer(own, redis.url)]
  try {
    await runHistory(history, {
      shops: [...gated.map(({ shop }) => shop), own.shop()],
      judge: { shop: open(database.store), store: database.store },
      clock: database.clock,
      ...(heal && { heal, isFaulty: true }),
    })
  } finally {
    await Promise.all(gated.map((server) => server.close()))
  }
  return gated.map(({ verdicts }) => verdicts)
}

test('every law holds with a gate and a Redis that is wiped now and then', async () => {
  const left = { issued: 0, 'sold-out': 0, admitted: 0 }
  await fc.assert(
    fc.asyncProperty(
      histories({ branches: 6, steps: 10 }),
      fc.integer({ min: 5, max: 60 }),
      async (history, wipeEvery) => {
        for (const verdicts of await play(history, { wipeEvery })) {
          for (const name of Object.keys(left) as (keyof typeof left)[]) left[name] += verdicts[name]
        }
      },
    ),
    { numRuns: 25 },
  )
  expect(Math.min(left.issued, left['sold-out'], left.admitted)).toBeGreaterThan(0)
}, 60_000)

test('every law holds with a gate while transactions fail', async () => {
  await fc.assert(
    fc.asyncProperty(histories({ branches: 4, steps: 8 }), faultScripts(), async (history, script) => {
      const plan = followScript(script, () => pause(5))
      const between = (store: Store) => gatedStore(faultyStore(store, plan), () => pause(0))
      await play(history, { between, heal: plan.heal, wipeEvery: 20 })
    }),
    { numRuns: 20 },
  )
}, 60_000)
