import { describe, expect, it } from 'vitest'
import { mergeKeys, put, type Rows, type TableName } from '../../src/commands.js'
import { WorkingSet } from '../../src/engine/working-set.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { InvariantViolated } from '../../src/shared/invariant.js'
import { lockedRows } from '../../src/store/key-lists.js'
import { noKeys, nothingChanged, nothingLoaded, rowKey, schema, type TableSchema, tableNames } from '../../src/store.js'
import {
  changesOf,
  countedIds,
  couponOf,
  defaultNow,
  entryOf,
  holdOf,
  orderOf,
  productOf,
  walletOf,
} from '../../src/testing/index.js'
import { lotOf } from './bonus.js'

const { row: entry } = entryOf()

const sound = {
  orders: orderOf({ discountAmount: 1_000 }).row,
  wallets: walletOf({
    balance: Number.MAX_SAFE_INTEGER,
    lots: [lotOf({ amount: 1 }), lotOf({ lotId: 'l2', amount: Number.MAX_SAFE_INTEGER - 1, sequence: 2 })],
  }).row,
  coupons: couponOf({ quantity: 3, issued: 3 }).row,
  products: productOf({ received: 3, stock: 3, held: 3 }).row,
  holds: holdOf({ quantity: 1 }).row,
} satisfies { readonly [T in TableName]?: Rows[T] }

type Constrained = keyof typeof sound

const broken: readonly (readonly [Constrained, object, string])[] = [
  ['orders', { discountAmount: -1, finalAmount: 1_001 }, 'total 1000, discount -1 and final amount 1001'],
  ['orders', { discountAmount: 1_001, finalAmount: -1 }, 'total 1000, discount 1001 and final amount -1'],
  ['orders', { finalAmount: 1 }, 'total 1000, discount 1000 and final amount 1'],
  ['wallets', { balance: -1 }, 'balance -1'],
  ['wallets', { balance: 2 ** 53 }, 'balance 9007199254740992'],
  ['wallets', { lots: [lotOf({ amount: 0 })] }, 'a lot of less than 1'],
  ['wallets', { balance: 99, lots: [lotOf()] }, 'lots of 100 in a balance of 99'],
  ['coupons', { issued: -1 }, '-1 of 3 issued'],
  ['coupons', { issued: 4 }, '4 of 3 issued'],
  ['products', { held: -1 }, 'stock 3, -1 of it held, 3 received'],
  ['products', { held: 4 }, 'stock 3, 4 of it held, 3 received'],
  ['products', { received: 2 }, 'stock 3, 3 of it held, 2 received'],
  ['holds', { quantity: 0 }, 'quantity 0'],
]

describe('the schema', () => {
  it.each(Object.entries(sound))('calls a row of %s sound at the edge of its constraint', (name, row) => {
    expect(schema[name as 'wallets'].constraint?.(row as Rows['wallets'])).toBeUndefined()
  })

  it.each(broken)('names the broken constraint of %s: %o', async (name, change, text) => {
    const row = { ...sound[name], ...change } as Rows[Constrained]
    const key = (rowKey[name] as (row: unknown) => string)(row)
    const working = new WorkingSet(noKeys, nothingLoaded(defaultNow), countedIds())
    expect(() => working.apply([put(name, row)])).toThrow(new InvariantViolated(`${name} ${key} with ${text}`))
    const writing = inMemoryStore().transact(noKeys, () => changesOf({ inserted: { [name]: [row] } }))
    await expect(writing).rejects.toMatchObject({
      kind: 'rejected',
      message: `${name} ${key} breaks a constraint: ${text}`,
    })
  })

  it.each(tableNames)(
    'names fields of %s: hot ones among those that may change, and no key among the others',
    (name) => {
      const { key, mutable, hot = [], sparse = [] } = schema[name] as TableSchema<Rows[TableName]>
      expect(mutable).toEqual(expect.arrayContaining([...hot]))
      expect(hot.filter((field) => sparse.includes(field))).toEqual([])
      expect(key.filter((field) => [...mutable, ...sparse].includes(field))).toEqual([])
    },
  )

  it('allows a decider to insert a row of an append-only table once', () => {
    const working = new WorkingSet(noKeys, nothingLoaded(defaultNow), countedIds())
    working.apply([put('entries', entry)])
    expect(() => working.apply([put('entries', { ...entry, entryId: 'e2' })])).toThrow(
      new InvariantViolated('entries u1 1 is there, and rows of entries never change'),
    )
    working.apply([put('entries', { ...entry, entryId: 'e2', sequence: 2 })])
    expect(working.changes().entries.inserted.map(({ entryId }) => entryId)).toEqual([entry.entryId, 'e2'])
  })

  it('has empty values for nothing loaded and nothing changed', () => {
    const { entries: _, repairs: __, sales: ___, companions: ____, ...loaded } = nothingChanged
    const names = [
      ...Object.keys(loaded),
      'now',
      'referencedEntries',
      'openings',
      'users',
      'terms',
      'sales',
      'purchases',
      'openOrders',
      'couponCodes',
    ]
    expect(Object.keys(nothingLoaded(7)).sort()).toEqual(names.sort())
    expect(nothingLoaded(7)).toMatchObject({ now: 7, wallets: [], holds: [], sales: [] })
    expect(new WorkingSet(noKeys, nothingLoaded(7), countedIds()).changes()).toEqual(nothingChanged)
  })

  it('gives each locked row a distinct text, and read-only rows none', () => {
    const keys = mergeKeys([
      {
        lock: { wallets: ['a', 'b'], coupons: ['a'], issuedCoupons: [{ couponId: 'a', userId: 'b' }] },
        read: { users: ['c'], terms: ['a'], outcomes: [{ scope: 'a', key: 'k' }] },
      },
    ])
    expect(lockedRows(keys)).toEqual(['wallets a', 'wallets b', 'coupons a', 'issuedCoupons a b'])
    expect(lockedRows({ read: { users: ['c'] } })).toEqual([])
  })
})
