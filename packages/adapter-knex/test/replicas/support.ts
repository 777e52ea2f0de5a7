import { type KnexStoreOptions, knexConnection, knexStore, migrate, type ReplicaState } from '@shop/adapter-knex'
import { type PostgresPair, startPostgresPair } from '@shop/test-support/postgres-pair'
import type { Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { put } from '../support/open-shop-database.js'
import { productOf } from '../support/rows.js'

const silent: Knex.Logger = { warn: () => {}, error: () => {}, debug: () => {} }

/** A primary with a standby for the tests of a file. Replay runs at the start of each; pools end with it. */
export const standbyForTests = () => {
  let pair: PostgresPair
  const opened: Knex[] = []
  beforeAll(async () => {
    pair = await startPostgresPair()
    await migrate(pair.primary)
  }, 60_000)
  beforeEach(() => replay(pair, true))
  afterEach(async () => {
    pair.thaw()
    await Promise.all(opened.splice(0).map((pool) => pool.destroy()))
  })
  afterAll(() => pair.stop())
  return {
    pair: () => pair,
    connect(url: string, options: { readonly prepared?: boolean; readonly max?: number } = {}): Knex {
      const { max = 4, ...more } = options
      const pool = knexConnection(url, { log: silent, pool: { max }, connectTimeoutMs: 500, ...more })
      opened.push(pool)
      return pool
    },
  }
}

/** A store with replicas, and what it reports. */
export const storeWith = (
  primary: Knex,
  replicas: readonly Knex[],
  {
    maxLagMs = 5_000,
    live,
    ...options
  }: KnexStoreOptions & { readonly maxLagMs?: number; readonly live?: boolean } = {},
) => {
  const reads = { replica: 0, primary: 0 }
  const states = new Map<number, ReplicaState>()
  const reasons: string[] = []
  const store = knexStore(primary, {
    ...options,
    replicas,
    replicaReads: {
      maxLagMs,
      live,
      observer: {
        onRead(from) {
          reads[from] += 1
        },
        onState(state) {
          states.set(state.replica, state)
          if (state.reason !== undefined && reasons.at(-1) !== state.reason) reasons.push(state.reason)
        },
      },
    },
  })
  let page = 0
  /** Ids of the newest products. Each call is a query of its own. */
  const list = async (): Promise<readonly string[]> => {
    page += 1
    const { found } = await store.reads.products({ offset: 0, limit: 50 + (page % 50) })
    return found.map(({ productId }) => productId)
  }
  /** Reads until a replica has answered. */
  const inUse = (replica = 0) =>
    expect
      .poll(
        async () => {
          await list()
          return states.get(replica)?.isUsed
        },
        { timeout: 10_000, interval: 20 },
      )
      .toBe(true)
  /** Reads until no replica is in use. */
  const leftOut = () =>
    expect
      .poll(
        async () => {
          await list()
          return [...states.values()].some(({ isUsed }) => isUsed)
        },
        { timeout: 10_000, interval: 20 },
      )
      .toBe(false)
  return { store, reads, states, reasons, list, inUse, leftOut }
}

let made = 0

/** Writes a product, and returns its id. */
export const addProduct = async (store: Parameters<typeof put>[0]): Promise<string> => {
  made += 1
  const productId = `p-${String(made).padStart(5, '0')}`
  await put(store, { inserted: { products: [productOf(productId)] } })
  return productId
}

/** Pauses replay on the standby, or resumes it. */
export const replay = async ({ standby }: PostgresPair, isOn: boolean): Promise<void> => {
  await standby.raw(`select pg_wal_replay_${isOn ? 'resume' : 'pause'}()`)
  await expect
    .poll(async () => (await standby.raw('select pg_get_wal_replay_pause_state() as state')).rows[0].state)
    .toBe(isOn ? 'not paused' : 'paused')
}
