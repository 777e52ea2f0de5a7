import { knexConnection, knexLocks, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, type FencedInput, resolvePolicies } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../src/observability/logger.js'
import { Scheduler } from '../../src/scheduler/scheduler.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.knex)
})
afterAll(() => database.drop())

/** A scheduler, and the fences with which it computed the ranking. */
const server = () => {
  const knex = knexConnection(database.url, { pool: { max: 4 } })
  const policies = resolvePolicies('standard', { ranking: { schedule: '* * * * * *' } })
  const shop = createShop({ store: knexStore(knex), policies })
  const { refreshRanking } = shop.upkeep
  const tokens: number[] = []
  Object.assign(shop.upkeep, {
    refreshRanking: (input: FencedInput) => {
      tokens.push(input.fence?.token ?? 0)
      return refreshRanking(input)
    },
  })
  const scheduler = new Scheduler({
    shop,
    locks: knexLocks(knex),
    isFenced: true,
    logger: createLogger('silent'),
    observer: { onRun: () => undefined },
    now: Date.now,
  })
  return { scheduler, tokens, shop, close: () => scheduler.stop().then(() => knex.destroy()) }
}

const seconds = { timeout: 20_000 }

test('one of two servers on one database runs the jobs; when it stops, the other takes over with a higher token', async () => {
  const servers = [server(), server()]
  await Promise.all(servers.map(({ scheduler }) => scheduler.start()))
  await expect.poll(() => servers.some(({ tokens }) => tokens.length >= 3), seconds).toBe(true)
  const leader = servers.find(({ scheduler }) => scheduler.isLeader)
  const other = servers.find((each) => each !== leader)
  expect(other?.tokens).toEqual([])
  expect(new Set(leader?.tokens).size).toBe(1)
  expect((await other?.shop.products.top())?.asOf).not.toBeNull()

  await leader?.close()
  const before = leader?.tokens.length
  await expect.poll(() => other?.tokens.length, seconds).toBeGreaterThan(0)
  expect(leader?.tokens).toHaveLength(before ?? 0)
  expect(other?.tokens[0]).toBeGreaterThan(leader?.tokens[0] ?? 0)
  await other?.close()
})

test('a frozen leader is replaced, and writes nothing after it resumes', async () => {
  const [frozen, successor] = [server(), server()]
  const locks = knexLocks(database.knex)
  // Holds a lease that is not renewed, without noticing its loss, as if the process had been frozen.
  const sleeping = await new Promise<{ token: number; wake: () => void }>((resolve) => {
    void locks.withLock('scheduler', ({ token }) => new Promise<void>((wake) => resolve({ token, wake })), {
      leaseMs: 1_000,
    })
  })
  await database.knex.raw("update shop.leases set expires_at = clock_timestamp() where name = 'scheduler'")
  await successor.scheduler.start()
  await expect.poll(() => successor.tokens.length, seconds).toBeGreaterThan(0)

  const outcome = await frozen.shop.upkeep.refreshRanking({ fence: { job: 'ranking', token: sleeping.token } })
  expect(outcome).toMatchObject({ ok: false, refusal: { code: 'LEADERSHIP_LOST' } })
  sleeping.wake()
  await Promise.all([frozen.close(), successor.close()])
})
