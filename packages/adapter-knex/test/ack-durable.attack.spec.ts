import { knexConnection, knexLocks, knexStore, migrate } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { histories, runHistory, startOfHistory } from '@shop/core/conformance'
import { isStoreError, type OutboxStore, type Store } from '@shop/core/store'
import { countedIds, manualClock } from '@shop/core/testing'
import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import { startProxy } from '@shop/test-support/redis'
import * as fc from 'fast-check'
import type { Knex } from 'knex'
import { describe, expect, test } from 'vitest'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const isTrouble = (error: unknown): boolean => isStoreError(error) && error.kind !== 'rejected'

/** Retries while the database is away. */
const patient = <T extends object>(target: T): T =>
  new Proxy(target, {
    get: (_, name) => {
      const member = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...parameters: unknown[]) => {
        for (;;) {
          try {
            return await member.apply(target, parameters)
          } catch (error) {
            if (!isTrouble(error)) throw error
            await pause(20)
          }
        }
      }
    },
  })

/** Records claims without a reply, so that they can be freed if leases do not expire by the clock. */
const relaying = (outbox: OutboxStore, inVain: string[]): OutboxStore => ({
  ...patient(outbox),
  async claimEvents(query) {
    try {
      return await outbox.claimEvents(query)
    } catch (error) {
      if (!isTrouble(error)) throw error
      inVain.push(query.lease)
      return []
    }
  },
})

/** Repeats work until it is stopped. */
const repeat = (work: () => Promise<unknown>) => {
  let isStopped = false
  const done = (async () => {
    while (!isStopped) await work().catch(() => pause(10))
  })()
  return async () => {
    isStopped = true
    await done
  }
}

/** Freezes the standby now and then, and cancels commits that wait for it. */
const harass = (pair: PostgresPair) =>
  repeat(async () => {
    pair.freeze()
    await pair.cancelWaits()
    await pause(Math.random() * 50)
    await pair.cancelWaits()
    pair.thaw()
    await pause(Math.random() * 300)
  })

const guestsOn = async (pool: Knex): Promise<number> => (await pool('guests').pluck('guest_id')).length

const play = async (seed: number): Promise<void> => {
  const pair = await startPostgresPair()
  await migrate(pair.primary)
  await pair.primary.schema.createTable('guests', (table) => table.increments('guest_id'))
  await pair.synchronous(true)
  const proxy = await startProxy(pair.primaryUrl)
  const clock = manualClock(startOfHistory)
  const pools = Array.from({ length: 4 }, () => knexConnection(proxy.url, { pool: { max: 4 }, log: silent }))
  const [first, second, judging, bystander] = pools as [Knex, Knex, Knex, Knex]

  const newId = countedIds()
  const inVain: string[] = []
  const stores = [first, second].map((pool) => {
    const store = knexStore(pool, { clock }) as Store<never>
    return { ...store, reads: patient(store.reads) }
  })
  const calm = knexStore(judging, { clock }) as Store<never>
  const judge = { ...patient(calm), outbox: relaying(calm.outbox, inVain), reads: patient(calm.reads) }

  // Beside the history: a caller with its own transactions, and a leader that takes one lease after another.
  const guests: number[] = []
  const tokens: number[] = []
  const locks = knexLocks(bystander)
  const guestShop = createShop({ store: knexStore(bystander, { clock }), newId })
  const host = repeat(async () => {
    const guest = await bystander.transaction(async (trx) => {
      await guestShop.within(trx).users.register({ userId: 'guest' })
      const [row] = await trx('guests').insert({}).returning('guest_id')
      return row.guest_id as number
    })
    guests.push(guest)
  })
  const leader = repeat(() => locks.withLock('job', async ({ token }) => tokens.push(token), { leaseMs: 20 }))
  const stopHarassing = harass(pair)
  let lost = 0

  const [history] = fc.sample(histories({ branches: 3, steps: 12 }), { seed, numRuns: 1 })
  if (!history) throw new Error('no history')
  const open = (store: Store<never>) =>
    createShop({ store, policies: history.policies, newId, limits: { timeoutMs: 1_000 } })
  await runHistory(history, {
    shops: stores.map(open),
    judge: { shop: open(judge), store: judge },
    clock,
    isFaulty: true,
    keyAll: true,
    async heal() {
      await stopHarassing()
      pair.freeze()
      // Until the primary has a commit that the standby lacks.
      do await pair.cancelWaits()
      while ((await guestsOn(pair.primary)) === (await guestsOn(pair.standby)))
      const shown = await guestsOn(pair.primary)
      await pair.failOver()
      lost = shown - (await guestsOn(pair.standby))
      proxy.leadTo(pair.standbyUrl)
      proxy.cut()
      await pair.standby('shop.events').whereIn('lease', inVain).update({ lease: null, leased_until: null })
    },
  })
  await Promise.all([host(), leader()])

  const kept = await pair.standby('guests').pluck('guest_id')
  expect(guests.filter((guest) => !kept.includes(guest))).toEqual([])
  expect(new Set(tokens).size).toBe(tokens.length)
  expect(lost).toBeGreaterThan(0)
  await Promise.all(pools.map((pool) => pool.destroy()))
  await proxy.stop()
  await pair.stop()
}

const silent = { warn: () => {}, error: () => {}, debug: () => {} }

describe('histories whose waits for the standby are cancelled, and that end with a failover', () => {
  test.each(Array.from({ length: 3 }, () => [Math.trunc(Math.random() * 2 ** 31)]))(
    'keep every law, ACK-DURABLE above all (seed %i)',
    play,
  )
})
