import { knexConnection, knexStore } from '@shop/adapter-knex'
import { createShop, resolvePolicies } from '@shop/core'
import { maxBalanceLimit } from '@shop/core/commands'
import { freshDatabase } from '@shop/test-support/database'
import { describe, expect, it } from 'vitest'
import { workloadsOf } from '../src/library/workloads.js'
import { batchSize } from '../src/limit/choices.js'
import { Lane } from '../src/limit/lane.js'
import { operations } from '../src/limit/operations.js'
import type { LimitOperation } from '../src/limit/questions.js'
import { query } from '../src/stage/postgres.js'
import { seedShop } from '../src/stage/seed.js'
import { writtenIn } from '../src/stage/written.js'

const users = 1_000

/** Tables of which a group writes a row once for many commands, so that chance decides how many. */
const isShared = (table: string): boolean => ['wallets', 'products'].includes(table)

/** Tables of which each group writes one row. The shop may divide the commands among several groups. */
const isOfGroups = (table: string): boolean => ['groups', 'recent_sales'].includes(table)

type Counts = readonly [inserted: number, updated: number, removed: number]
const none: Counts = [0, 0, 0]
const nothing = { inserted: 0, updated: 0, removed: 0 }

/** What an operation writes into a new database: rows for each table, bytes for each row, and what the audit says. */
const writtenBy = async (operation: LimitOperation, write: (url: string) => Promise<void>) => {
  const database = await freshDatabase()
  try {
    await seedShop(database.url, users)
    const before = await writtenIn(database.url)
    const [last] = await query(database.url, 'select pg_current_xact_id()::text as id')
    await write(database.url)
    const after = await writtenIn(database.url)
    const rows = new Map<string, Counts>()
    const bytes = new Map<string, number>()
    for (const [table, { inserted, updated, removed }] of after) {
      const first = before.get(table) ?? nothing
      const counts: Counts = [inserted - first.inserted, updated - first.updated, removed - first.removed]
      if (counts.every((count) => count === 0)) continue
      rows.set(table, counts)
      const sizes = `select avg(pg_column_size(t.*))::float8 as bytes from shop.${table} t`
      const [row] = await query(database.url, `${sizes} where t.xmin::text::bigint > ${last?.['id']}`)
      bytes.set(table, Number(row?.['bytes'] ?? 0))
    }
    const knex = knexConnection(database.url)
    const shop = shopOn(knex, operation)
    try {
      return { rows, bytes, violations: (await shop.audit()).violations }
    } finally {
      await shop.close()
      await knex.destroy()
    }
  } finally {
    await database.drop()
  }
}

const shopOn = (knex: ReturnType<typeof knexConnection>, operation: LimitOperation) =>
  createShop({
    store: knexStore(knex),
    policies: resolvePolicies('standard', {
      charge: { balanceLimit: maxBalanceLimit },
      ...(operation === 'checkout' && { order: { checkout: 'order-and-pay' as const } }),
    }),
  })

const byShop = async (operation: LimitOperation, url: string): Promise<void> => {
  const knex = knexConnection(url)
  const shop = shopOn(knex, operation)
  try {
    const ask = workloadsOf(shop, { run: '01234567', users })[operation]
    await Promise.all(Array.from({ length: batchSize }, (_, caller) => ask(caller)))
  } finally {
    await shop.close()
    await knex.destroy()
  }
}

const byLimit = async (operation: LimitOperation, url: string): Promise<void> => {
  const lane = await Lane.open({ url, users, lane: 0, lanes: 1 })
  try {
    await operations[operation](lane)
  } finally {
    await lane.close()
  }
}

describe.each(['issue', 'issue-keyed', 'charge', 'checkout', 'pair'] as const)('the limit of %s', (operation) => {
  it('writes as many rows of the same size into each table as the shop does, and breaks no law', async () => {
    const ours = await writtenBy(operation, (url) => byShop(operation, url))
    const limit = await writtenBy(operation, (url) => byLimit(operation, url))
    expect([...limit.rows.keys()]).toEqual([...ours.rows.keys()])
    for (const [table, counts] of limit.rows) {
      const expected = ours.rows.get(table) ?? none
      if (isShared(table)) {
        // How many differ is chance, but seldom by a tenth.
        const share = (counts[0] + counts[1]) / (expected[0] + expected[1])
        expect(share, `${table}: rows`).toBeGreaterThan(0.7)
        expect(share, `${table}: rows`).toBeLessThan(1.2)
      } else if (isOfGroups(table)) {
        expect(counts[0]).toBeLessThanOrEqual(expected[0])
        continue
      } else expect([table, ...counts]).toEqual([table, ...expected])
      const bytes = ours.bytes.get(table) ?? 0
      expect(Math.abs((limit.bytes.get(table) ?? 0) - bytes), `${table}: bytes of a row`).toBeLessThanOrEqual(
        bytes / 50,
      )
    }
    expect(limit.violations).toEqual([])
  })
})
