import { knexStore } from '@shop/adapter-knex'
import type { Changes, Keys } from '@shop/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysOf, openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'
import {
  changing,
  couponOf,
  entryOf,
  eventOf,
  holdOf,
  issuedOf,
  noon,
  nothing,
  orderOf,
  paidOrderOf,
  paymentOf,
  productOf,
  walletOf,
} from './support/rows.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

/** A store, and every statement that it sends. */
const watched = () => {
  const pool = database.connect()
  const sent = new Map<string, string>()
  const acquire = pool.client.acquireConnection.bind(pool.client)
  const seen = new WeakSet<object>()
  pool.client.acquireConnection = async () => {
    const connection = await acquire()
    if (!seen.has(connection)) {
      seen.add(connection)
      const query = connection.query.bind(connection)
      connection.query = (config: { name?: string; text: string }) => {
        sent.set(config.name ?? config.text, config.text)
        return query(config)
      }
    }
    return connection
  }
  return { store: knexStore(pool), sent }
}

const everyKey: Keys = keysOf({
  fences: ['job'],
  rankings: ['popular'],
  events: ['o1-event-1'],
  orders: ['o1', 'o2'],
  wallets: ['ann'],
  coupons: ['c'],
  issuedCoupons: [{ couponId: 'c', userId: 'ann' }],
  products: ['tea', 'mug'],
  outcomes: [{ scope: 'ann', key: 'k' }],
  users: ['ann'],
  terms: ['c'],
})

const everyInsert: Changes = changing({
  inserted: {
    fences: [{ job: 'job', token: 1 }],
    events: [eventOf('o1')],
    orders: [orderOf('o1')],
    wallets: [walletOf('ann')],
    entries: [entryOf('ann', 1)],
    coupons: [couponOf('c')],
    issuedCoupons: [issuedOf('c', 'ann')],
    products: [productOf('tea')],
    holds: [holdOf('o1', 'tea'), holdOf('o1', 'mug')],
    payments: [paymentOf('o1')],
    outcomes: [{ scope: 'ann', key: 'k', fingerprint: 'f', outcome: {}, at: noon }],
  },
  sales: [{ timeZone: 'UTC', day: '2026-05-17', productId: 'tea', quantity: 1 }],
})

const everyUpdate: Changes = changing({
  updated: {
    fences: [{ job: 'job', token: 2 }],
    events: [eventOf('o1', 1, { status: 'dead' })],
    orders: [paidOrderOf('o1')],
    wallets: [walletOf('ann', 1)],
    coupons: [couponOf('c')],
    issuedCoupons: [issuedOf('c', 'ann', { usedByOrderId: 'o1' })],
    products: [productOf('tea')],
    holds: [holdOf('o1', 'tea', { quantity: 2 })],
  },
  removed: { holds: [holdOf('o1', 'mug')] },
})

/** The nodes of a plan that read a table of ours from one end to the other. */
const wholeTables = (plan: readonly string[]): string[] =>
  plan.filter((line, index) => {
    const node = /(Seq|Index|Index Only) Scan (using \S+ )?on (\w+)/.exec(line)
    if (!node) return false
    return node[1] === 'Seq' || !plan[index + 1]?.includes('Index Cond')
  })

test('groups find their rows by key, though every plan was made when the tables were empty', async () => {
  await database.knex.raw('analyze')
  const { store, sent } = watched()
  await store.transact(everyKey, () => everyInsert, { groupId: 'g' })
  await store.transact(everyKey, () => everyUpdate)
  await store.transact(keysOf({ orders: ['o1'], wallets: ['nobody'] }), () => nothing)
  await store.transact(keysOf({ products: ['tea'], issuedCoupons: [{ couponId: 'c', userId: 'ann' }] }), () => nothing)
  const begin = [...sent.values()].find((text) => text.startsWith('begin')) ?? ''
  const statements = [...sent.values()].filter((text) => !/^(begin|commit|rollback)/.test(text))
  expect(statements.length).toBeGreaterThan(12)
  await database.clear()
  await database.knex.raw('analyze')
  const explainer = database.connect({ pool: { max: 1 } })
  for (const text of statements) {
    const plan: string[] = await explainer.transaction(async (trx) => {
      for (const setting of begin.split('; ').slice(1)) await trx.raw(setting)
      const connection = await trx.client.acquireConnection()
      await connection.query(`prepare looked_at as ${text}`)
      const { rows: types } = await connection.query(
        `select coalesce(array_length(parameter_types, 1), 0) as count from pg_prepared_statements where name = 'looked_at'`,
      )
      const nulls = Array.from({ length: types[0].count }, () => 'null').join(', ')
      const { rows } = await connection.query(`explain (costs off) execute looked_at(${nulls})`)
      await connection.query('deallocate looked_at')
      return rows.map((row: Record<string, string>) => row['QUERY PLAN'])
    })
    expect(wholeTables(plan), `${text}\n\n${plan.join('\n')}`).toEqual([])
  }
})
