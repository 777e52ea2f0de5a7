import { describeStore } from '@shop/core/conformance'
import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replay } from '../replicas/support.js'
import { openShopDatabase, type ShopDatabase } from '../support/open-shop-database.js'
import { type Tamper, tamperWith } from '../support/tamper.js'
import { knexHarness } from './knex-harness.js'

let pair: PostgresPair
let database: ShopDatabase
const seed = Number(process.env['SHOP_TEST_SEED'] ?? Date.now() % 1_000_000)
const reads = { replica: 0, primary: 0 }

beforeAll(async () => {
  pair = await startPostgresPair()
  database = await openShopDatabase({
    on: { url: pair.primaryUrl, knex: pair.primary, drop: async () => {} },
  })
}, 60_000)
afterAll(async () => {
  await database.drop()
  await pair.stop()
})

/** Rows of an earlier history must be gone from the replica, too. */
const caughtUp = async (): Promise<void> => {
  await replay(pair, true)
  const { rows } = await pair.primary.raw('select pg_current_wal_lsn()::text as written')
  const isReplayed = 'select pg_last_wal_replay_lsn() >= ?::pg_lsn as so'
  await expect.poll(async () => (await pair.standby.raw(isReplayed, [rows[0].written])).rows[0].so).toBe(true)
}

const chances = () => {
  let state = seed
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const isPosition = (text: string): boolean => text.includes('pg_last_wal_replay_lsn')

/** Replay stops and goes on at random. */
const stopping = (): Tamper => {
  const chance = chances()
  return async (query, send) => {
    if (isPosition(query.text)) {
      const isOn = chance() < 0.6
      await pair.standby.raw(`select pg_wal_replay_${isOn ? 'resume' : 'pause'}()`)
    }
    return send(query)
  }
}

/** It stops, claims to have replayed everything, and fails now and then. */
const lying = (): Tamper => {
  const chance = chances()
  const stop = stopping()
  return async (query, send) => {
    if (!isPosition(query.text)) {
      if (chance() > 0.1) return send(query)
      throw Object.assign(new Error('injected: canceling statement due to conflict with recovery'), {
        code: '40001',
        severity: 'ERROR',
      })
    }
    const { rows, ...answer } = await stop(query, send)
    const { rows: claimed } = await pair.primary.raw('select pg_current_wal_lsn()::text as written')
    return { ...answer, rows: rows.map((row) => row.with(2, claimed[0].written)) }
  }
}

describe.each([
  { name: 'lags and stops', tamper: stopping, live: true },
  { name: 'stops, fails and lies about its lag', tamper: lying, live: false },
])('with a replica that $name', ({ name, tamper, live }) => {
  describeStore(
    { describe, it },
    knexHarness(() => database, {
      name: `Postgres with a replica that ${name} (seed ${seed})`,
      connections: 6,
      cleared: caughtUp,
      replicas: () => ({
        replicas: [tamperWith(database.connect({ url: pair.standbyUrl, pool: { max: 4 } }), tamper())],
        replicaReads: {
          maxLagMs: 400,
          live,
          observer: {
            onRead(from) {
              reads[from] += 1
            },
          },
        },
      }),
    }),
    { effort: 0.1 },
  )
})

it('answered lists on the replica, and on the primary', () => {
  expect(reads.replica).toBeGreaterThan(50)
  expect(reads.primary).toBeGreaterThan(0)
})
