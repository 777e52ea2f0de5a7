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

test('a connection discards its plans once a second, by the clock of the process', async () => {
  const database = await openShopDatabase()
  try {
    const pool = database.connect({ pool: { max: 1 } })
    const begins = beginsOn(pool)
    const store = database.storeOn(pool)
    let passed = 0
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + passed)
    const discards = async () => {
      begins.length = 0
      await store.transact(keysOf({}), () => changing({}))
      return begins.map((text) => text.endsWith('; discard plans'))
    }
    expect(await discards()).toEqual([true])
    expect(await discards()).toEqual([false])
    passed += 1_000
    expect(await discards()).toEqual([true])
    expect(await discards()).toEqual([false])
  } finally {
    await database.drop()
  }
})

test('without names nothing is kept, so nothing is discarded', async () => {
  const database = await openShopDatabase()
  try {
    const pool = database.connect({ prepared: false })
    const begins = beginsOn(pool)
    await database.storeOn(pool, { prepared: false }).transact(keysOf({}), () => changing({}))
    expect(begins.filter((text) => text.includes('discard'))).toEqual([])
    expect(begins).not.toEqual([])
  } finally {
    await database.drop()
  }
})
