import { histories, playOn, playTrial, type Step, search, storeTrials } from '@shop/core/conformance'
import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import * as fc from 'fast-check'
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

/** Its replay stops and goes on, it claims to have replayed everything, and it fails: each at random. */
const unreliable = (): Tamper => {
  const chance = chances()
  return async (query, send) => {
    if (!isPosition(query.text)) {
      if (chance() < 0.9) return send(query)
      const error = new Error('injected: canceling statement due to conflict with recovery')
      throw Object.assign(error, { code: '40001', severity: 'ERROR' })
    }
    await pair.standby.raw(`select pg_wal_replay_${chance() < 0.6 ? 'resume' : 'pause'}()`)
    const { rows, ...answer } = await send(query)
    if (chance() < 0.5) return { ...answer, rows }
    const { rows: claimed } = await pair.primary.raw('select pg_current_wal_lsn()::text as written')
    return { ...answer, rows: rows.map((row) => row.with(2, claimed[0].written)) }
  }
}

const harness = knexHarness(() => database, {
  name: 'Postgres with a replica that lags, stops, fails and lies about its lag',
  connections: 6,
  cleared: caughtUp,
  replicas: () => ({
    replicas: [tamperWith(database.connect({ url: pair.standbyUrl, pool: { max: 4 } }), unreliable())],
    replicaReads: {
      maxLagMs: 400,
      live: true,
      observer: {
        onRead(from) {
          reads[from] += 1
        },
      },
    },
  }),
})

/** Lists, and the commands that change what they show. */
const steps = [
  'products.create',
  'products.update',
  'products.changeStock',
  'products.list',
  'products.states',
  'products.drops',
  'products.top',
  'products.get',
  'coupons.create',
  'coupons.issue',
  'coupons.claimable',
  'orders.place',
  'payments.pay',
  'refresh-ranking',
  'move-clock',
] as const satisfies readonly Step['do'][]

describe(`${harness.name} (seed ${seed})`, () => {
  for (const trial of storeTrials.filter(({ id }) => /^(LIST|LOAD|SUPPORTS|TRANSACT-(CODES|LOADS))/.test(id)))
    it(`${trial.id} ${trial.sentence}`, { timeout: 60_000 }, () => playTrial(trial, harness))

  it.each([
    { callers: 'one caller', history: histories({ steps: 40, only: steps }), shops: 1, runs: 3 },
    { callers: 'three callers on two servers', history: histories({ branches: 3, steps: 12 }), shops: 2, runs: 2 },
  ])('keeps every law with $callers', { timeout: 120_000 }, ({ history, shops, runs }) =>
    fc.assert(
      fc.asyncProperty(history, (played) => playOn(harness, played, { shops })),
      { ...search(runs), endOnFailure: true },
    ),
  )
})

it('answered lists on the replica, and on the primary', () => {
  expect(reads.replica).toBeGreaterThan(10)
  expect(reads.primary).toBeGreaterThan(0)
})
