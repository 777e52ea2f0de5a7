import type { CompanionWriter } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import type { Knex } from 'knex'
import { afterEach, expect, test, vi } from 'vitest'
import { keysOf, openShopDatabase } from './support/open-shop-database.js'
import { changing } from './support/rows.js'

afterEach(() => void vi.restoreAllMocks())

/** Collects how transactions begin. */
const beginsOn = (pool: Knex): string[] => {
  const begins: string[] = []
  const watched = new WeakSet<object>()
  const acquire = pool.client.acquireConnection.bind(pool.client)
  pool.client.acquireConnection = async () => {
    const connection = await acquire()
    if (watched.has(connection)) return connection
    watched.add(connection)
    const query = connection.query
    connection.query = (config: { text: string }, ...more: unknown[]) => {
      if (config.text.startsWith('begin')) begins.push(config.text)
      return query.call(connection, config, ...more)
    }
    return connection
  }
  return begins
}

/** Which plans the last group used. */
const plansIn = (begins: readonly string[]): string | undefined => {
  const [, mode] = /plan_cache_mode = (\w+)/.exec(begins.at(-1) ?? '') ?? []
  return begins.at(-1)?.includes('discard plans') ? `${mode}, others discarded` : mode
}

const custom = 'force_custom_plan'
const kept = 'force_generic_plan'
const renewed = 'force_generic_plan, others discarded'

test('only a connection with a group within the last second keeps plans, and discards them once a second', async () => {
  const database = await openShopDatabase()
  try {
    const pool = database.connect({ pool: { max: 1 } })
    const begins = beginsOn(pool)
    const store = database.storeOn(pool)
    let passed = 0
    vi.spyOn(performance, 'now').mockImplementation(() => passed)
    const plansAfter = async (ms: number) => {
      passed += ms
      await store.transact(keysOf({}), () => changing({}))
      return plansIn(begins)
    }
    const plans: unknown[] = []
    for (const ms of [0, 1_000, 999, 0, 999, 1, 999, 1, 1_000, 1]) plans.push(await plansAfter(ms))
    expect(plans).toEqual([custom, custom, renewed, kept, kept, renewed, kept, renewed, custom, renewed])
  } finally {
    await database.drop()
  }
})

test('without names each group gets plans of its own, however often it comes', async () => {
  const database = await openShopDatabase()
  try {
    const pool = database.connect({ prepared: false })
    const begins = beginsOn(pool)
    const store = database.storeOn(pool, { prepared: false })
    for (let nth = 0; nth < 3; nth += 1) {
      await store.transact(keysOf({}), () => changing({}))
      expect(plansIn(begins)).toBe(custom)
    }
  } finally {
    await database.drop()
  }
})

test('code of the host that writes in a group gets plans for its values', async () => {
  const database = await openShopDatabase()
  try {
    const pool = database.connect({ pool: { max: 1 } })
    const begins = beginsOn(pool)
    vi.spyOn(performance, 'now').mockReturnValue(0)
    const modes: unknown[] = []
    const write: CompanionWriter['write'] = async (trx) => void modes.push(await trx.query('show plan_cache_mode'))
    const shop = createShop({ store: database.storeOn(pool, { companions: { notes: { write } } }) })
    for (let nth = 0; nth < 3; nth += 1) {
      await shop.balance.charge({ userId: 'mina', amount: 100 }, { with: { notes: {} } })
    }
    expect(plansIn(begins)).toBe(kept)
    expect(modes).toEqual([[[custom]], [[custom]], [[custom]]])
  } finally {
    await database.drop()
  }
})
