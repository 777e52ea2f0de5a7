import { type EntryKind, entryKinds, type Store, type WalletEntry } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { entryOf, noon, referenceOf } from './support/rows.js'
import { type Query, tamperWith } from './support/tamper.js'

const minute = 60_000
const day = 24 * 60 * minute

let database: ShopDatabase
let store: Store
let time = noon
const sent: Query[] = []

beforeAll(async () => {
  database = await openShopDatabase()
  const pool = tamperWith(database.connect(), (query, send) => {
    sent.push(query)
    return send(query)
  })
  store = database.storeOn(pool, { clock: { now: () => time } })
})
afterAll(() => database.drop())
beforeEach(async () => {
  time = noon
  await database.clear()
})

const signs: Readonly<Record<EntryKind, number>> = {
  charge: 1,
  grant: 1,
  payment: -1,
  refund: 1,
  withdrawal: -1,
  adjustment: -1,
  expiry: -1,
  opening: 1,
}

const entry = (sequence: number, kind: EntryKind, at: number, more: Partial<WalletEntry> = {}): WalletEntry =>
  entryOf(`u${sequence % 3}`, sequence, {
    kind,
    at,
    amount: signs[kind],
    orderId: kind === 'payment' || kind === 'refund' ? `o${sequence}` : null,
    ...more,
  })

const newestFirst = (entries: readonly WalletEntry[]): WalletEntry[] =>
  [...entries].sort((a, b) => b.at - a.at || (a.entryId < b.entryId ? 1 : -1))

/** Every entry, page by page. */
const all = async (query: { kind?: EntryKind; reference?: string }, limit: number): Promise<readonly WalletEntry[]> => {
  const seen: WalletEntry[] = []
  for (;;) {
    const last = seen.at(-1)
    const page = await store.reads.allEntries({ ...query, limit, after: last && { at: last.at, id: last.entryId } })
    seen.push(...page)
    if (page.length < limit) return seen
  }
}

describe('entries of all users', () => {
  // From this moment to centuries ago, several at one time, and one that a clock which went back has left in the future.
  const ages = [0, 0, 0, 1, minute, minute + 1, 9 * minute, day, 40 * day, 40 * day, 4_000 * day, 200_000 * day, -day]
  const entries = ages.flatMap((age, group) =>
    entryKinds.map((kind, index) => entry(1 + group * entryKinds.length + index, kind, noon - age)),
  )

  test.each([1, 2, 7, 1_000])('are listed newest first, %i at a time', async (limit) => {
    await put(store, { inserted: { entries } })
    expect(await all({}, limit)).toEqual(newestFirst(entries))
    for (const kind of entryKinds) {
      expect(await all({ kind }, limit), kind).toEqual(newestFirst(entries.filter((each) => each.kind === kind)))
    }
  })

  test('are none in a new shop, and none of no entries', async () => {
    expect(await store.reads.allEntries({ limit: 5 })).toEqual([])
    await put(store, { inserted: { entries: [entry(1, 'charge', noon)] } })
    expect(await store.reads.allEntries({ limit: 0 })).toEqual([])
    expect(await store.reads.allEntries({ limit: 5, kind: 'payment' })).toEqual([])
  })

  test('are found by their reference', async () => {
    const kinds = ['charge', 'grant', 'withdrawal', 'adjustment', 'refund'] as const
    const named = kinds.map((kind, index) => entry(index + 1, kind, noon - index, { reference: 'r' }))
    const other = entry(9, 'charge', noon, { reference: 'R' })
    const ofOrder = referenceOf('r', { kind: 'order', owner: 'ann', subjectId: 'o', entry: null })
    await put(store, {
      inserted: { entries: [...named, other, entry(10, 'charge', noon)], references: [ofOrder] },
    })
    expect(await all({ reference: 'r' }, 2)).toEqual(newestFirst(named))
    expect(await all({ reference: 'r', kind: 'grant' }, 2)).toEqual([named[1]])
    expect(await all({ reference: 'r', kind: 'expiry' }, 2)).toEqual([])
    expect(await all({ reference: 'none' }, 2)).toEqual([])
  })
})

describe('on a big table', () => {
  const count = 120_000

  /** One payment and one charge in turn every 10 s, and every thousandth is a grant. */
  const fill = async (): Promise<void> => {
    await database.knex.raw(
      `insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, order_id, at)
       select 'u' || n % 100, n, 'e' || lpad(n::text, 7, '0'), kind, case kind when 'payment' then -1 else 1 end, 1,
         case kind when 'payment' then 'o' || n end, to_timestamp(${noon / 1_000} - (${count} - n) * 10)
       from generate_series(1, ${count}) n
       cross join lateral (select case when n % 1000 = 0 then 'grant' when n % 2 = 0 then 'payment' else 'charge' end) k(kind)`,
    )
    await database.knex.raw('vacuum analyze shop.wallet_entries')
  }

  interface Plan {
    readonly 'Node Type': string
    readonly 'Index Name'?: string
    readonly 'Actual Rows': number
    readonly 'Rows Removed by Index Recheck'?: number
    readonly 'Rows Removed by Filter'?: number
    readonly Plans?: readonly Plan[]
  }

  const nodes = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

  /** What the read's own statements do: their nodes, and how many rows of the table they look at. */
  const explained = async (query: Parameters<Store['reads']['allEntries']>[0]) => {
    sent.length = 0
    const found = await store.reads.allEntries(query)
    const plans: Plan[] = []
    for (const { text, values } of sent.filter((each) => each.text.includes('wallet_entries'))) {
      const connection = await database.knex.client.acquireConnection()
      const { rows } = await connection.query({ text: `explain (analyze, format json) ${text}`, values })
      await database.knex.client.releaseConnection(connection)
      plans.push(...nodes(rows[0]['QUERY PLAN'][0].Plan))
    }
    const looked = plans
      .filter((node) => /Scan$/.test(node['Node Type']) && node['Node Type'] !== 'Bitmap Index Scan')
      .map(
        (node) =>
          node['Actual Rows'] + (node['Rows Removed by Index Recheck'] ?? 0) + (node['Rows Removed by Filter'] ?? 0),
      )
    return {
      found,
      types: new Set(plans.map((node) => node['Node Type'])),
      indexes: new Set(plans.flatMap((node) => node['Index Name'] ?? [])),
      looked: looked.reduce((sum, each) => sum + each, 0),
    }
  }

  test('no list reads or sorts all entries', { timeout: 60_000 }, async () => {
    await fill()
    const middle = { at: noon - (count / 2) * 10_000, id: 'e9' }
    for (const query of [{}, { kind: 'charge' }, { kind: 'payment' }, { after: middle }] as const) {
      const { found, types, indexes, looked } = await explained({ limit: 20, ...query })
      expect(found).toHaveLength(20)
      expect(types).not.toContain('Seq Scan')
      expect(indexes).toEqual(new Set(['wallet_entries_at']))
      expect(looked).toBeLessThan(count / 10)
    }
    for (const query of [{ kind: 'grant' }, { kind: 'grant', after: middle }, { kind: 'refund' }] as const) {
      const { found, types, indexes, looked } = await explained({ limit: 20, ...query })
      expect(found).toHaveLength(query.kind === 'grant' ? 20 : 0)
      expect(types).not.toContain('Sort')
      expect(indexes).toEqual(new Set(['wallet_entries_rare']))
      expect(looked).toBeLessThanOrEqual(20)
    }
  })
})
