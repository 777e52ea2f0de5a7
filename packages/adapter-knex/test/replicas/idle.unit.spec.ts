import createKnex, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { knexStore } from '../../src/index.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A Knex whose connection answers by these rows, and counts the statements with this text. */
const answering = (counted: string, rowsOf: (text: string) => readonly (readonly (string | null)[])[]) => {
  const knex = createKnex({ client: 'pg', connection: 'postgres://localhost/none' })
  let asked = 0
  const connection = {
    on: () => undefined,
    getTransactionStatus: () => 'I',
    query: async ({ text }: { text: string }) => {
      if (text.includes(counted)) asked += 1
      return { command: 'SELECT', rows: rowsOf(text) }
    },
  }
  Object.assign(knex.client, { acquireConnection: async () => connection, releaseConnection: async () => undefined })
  return { knex: knex as Knex, asked: () => asked }
}

test('positions are asked for while lists are read, and for ten seconds after', async () => {
  const primary = answering('pg_current_wal_lsn', (text) => (text.includes('wal') ? [['7.1.1', '0/10', '5']] : [['5']]))
  const replica = answering('last_wal_replay', (text) => (text.includes('replay') ? [['t', '7.1.1', '0/10']] : [['5']]))
  const used: boolean[] = []
  const store = knexStore(primary.knex, {
    replicas: [replica.knex],
    replicaReads: { observer: { onState: ({ isUsed }) => used.push(isUsed) } },
  })
  await vi.advanceTimersByTimeAsync(60_000)
  expect([primary.asked(), replica.asked()]).toEqual([0, 0])
  expect(vi.getTimerCount()).toBe(0)

  await store.reads.drops({ limit: 1 })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(primary.asked()).toBeGreaterThanOrEqual(4)
  expect(used).toContain(true)
  await vi.advanceTimersByTimeAsync(10_000)
  const [ofPrimary, ofReplica] = [primary.asked(), replica.asked()]
  expect(ofPrimary).toBeLessThan(50)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([primary.asked(), replica.asked()]).toEqual([ofPrimary, ofReplica])
  expect(vi.getTimerCount()).toBe(0)

  await store.reads.drops({ limit: 1 })
  await vi.advanceTimersByTimeAsync(100)
  expect(primary.asked()).toBeGreaterThan(ofPrimary)
  await Promise.all([primary.knex.destroy(), replica.knex.destroy()])
})

test.each([99, 60_001, 1.5, Number.NaN])('maxLagMs %s is refused', (maxLagMs) => {
  const { knex } = answering('', () => [])
  expect(() => knexStore(knex, { replicas: [knex], replicaReads: { maxLagMs } })).toThrow(RangeError)
})

test('a store without replicas declares nothing, and asks for no position', async () => {
  const primary = answering('wal', () => [['5']])
  const store = knexStore(primary.knex)
  expect(store.supports.staleLists).toBeUndefined()
  await store.reads.drops({ limit: 1 })
  expect(primary.asked()).toBe(0)
})

test('a replica that is ahead of the primary is never used', async () => {
  const primary = answering('', (text) => (text.includes('wal') ? [['7.1.1', '0/10', '5']] : [['5']]))
  const replica = answering('', (text) => (text.includes('replay') ? [['t', '7.1.1', '0/11']] : [['5']]))
  const states: unknown[] = []
  const from: string[] = []
  const observer = {
    onRead: (which: string) => from.push(which),
    onState: ({ isUsed, reason }: { readonly isUsed: boolean; readonly reason: string | undefined }) =>
      states.push(isUsed || reason),
  }
  const store = knexStore(primary.knex, { replicas: [replica.knex], replicaReads: { observer } })
  for (let time = 0; time < 20; time += 1) {
    await store.reads.drops({ limit: 1 })
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(new Set(from)).toEqual(new Set(['primary']))
  expect(new Set(states)).toEqual(new Set(['ahead of the primary']))
})
