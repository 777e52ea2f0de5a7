import {
  type AuditSnapshot,
  auditStore,
  type Order,
  type ReferenceKey,
  type Store,
  type WalletEntry,
} from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import {
  entryOf,
  lotOf,
  noon,
  orderOf,
  paidOrderOf,
  paymentOf,
  productOf,
  referenceOf,
  refundedBy,
  refundOf,
  walletOf,
  walletWith,
} from './support/rows.js'

const hour = 3_600_000

let database: ShopDatabase
let store: Store

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store({ clock: { now: () => noon } })
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

const all = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const rows: T[] = []
  for await (const row of list) rows.push(row)
  return rows
}

const audited = async <T>(work: (snapshot: AuditSnapshot) => Promise<T>): Promise<T> => {
  const snapshot = await store.audit()
  try {
    return await work(snapshot)
  } finally {
    await snapshot.close()
  }
}

test('returns the entries between the first and the last that moved lots', async () => {
  const lots = [lotOf('l', { amount: 30, expiresAt: noon + 1 })]
  const entry = (sequence: number, more: Partial<WalletEntry> = {}) => entryOf('ann', sequence, more)
  const history = [
    entry(2, { kind: 'grant', lots }),
    entry(3, { at: noon + 5 }),
    entry(4, { kind: 'payment', amount: -30, orderId: 'o1', lots: [{ ...lotOf('l'), amount: -30 }] }),
  ]
  await put(store, {
    inserted: {
      wallets: [walletWith('ann', lots), walletOf('bob', 1, 1)],
      entries: [entry(1), ...history, entry(5), entryOf('bob', 1)],
    },
  })
  const facts = await audited((snapshot) => all(snapshot.wallets()))
  expect(new Map(facts.map(({ wallet, bonusHistory }) => [wallet.userId, bonusHistory]))).toEqual(
    new Map([
      ['ann', history.map(({ kind, amount, balance, at, lots }) => ({ kind, amount, balance, at, lots }))],
      ['bob', []],
    ]),
  )
})

test('counts the units of paid orders less the refunded ones', async () => {
  const refunded = refundedBy(
    refundOf('r1'),
    refundOf('r2', { amount: 0, lines: [{ productId: 'mug', quantity: 1, amount: 0 }] }),
  )
  const lines = [
    { productId: 'tea', quantity: 2 },
    { productId: 'mug', quantity: 1 },
  ]
  await put(store, {
    inserted: {
      products: [productOf('tea'), productOf('mug')],
      orders: [paidOrderOf('o1', { lines, ...refunded }), paidOrderOf('o2'), orderOf('o3')],
    },
  })
  const facts = await audited((snapshot) => all(snapshot.products()))
  expect(new Map(facts.map(({ product, paidSum }) => [product.productId, paidSum]))).toEqual(
    new Map([
      ['tea', 3],
      ['mug', 0],
    ]),
  )
})

test('returns references with what carries them, also those that are missing on one side', async () => {
  const stored = [
    referenceOf('both', { subjectId: 'r1', entry: 4 }),
    referenceOf('alone', { userId: 'bob', subjectId: 'x', entry: 7 }),
    referenceOf('both', { kind: 'order', owner: 'ann', subjectId: 'o1', entry: null }),
  ]
  await put(store, {
    inserted: {
      references: stored,
      entries: [
        entryOf('ann', 1, { reference: 'both' }),
        entryOf('ann', 4, { kind: 'refund', orderId: 'o1', reference: 'both' }),
        entryOf('bob', 1, { kind: 'grant', reference: 'both' }),
        entryOf('bob', 2, { kind: 'refund', orderId: 'o1', reference: 'lost' }),
        entryOf('bob', 3),
        entryOf('cat', 1, { kind: 'opening', reference: 'both' }),
      ],
      orders: [orderOf('o1', { reference: 'both' }), orderOf('o2', { reference: 'lost' }), orderOf('o3')],
    },
  })
  const facts = await audited((snapshot) => all(snapshot.references()))
  const key = (kind: ReferenceKey['kind'], reference: string, owner = '') =>
    ({ kind, owner, reference }) as ReferenceKey
  const byKey = (a: { key: ReferenceKey }, b: { key: ReferenceKey }) =>
    `${a.key.kind} ${a.key.reference}` < `${b.key.kind} ${b.key.reference}` ? -1 : 1
  const sorted = [...facts].sort(byKey)
  expect(sorted).toEqual(
    [
      {
        key: key('charge', 'both'),
        stored: undefined,
        carriers: [{ userId: 'ann', id: 'ann-entry-1', entry: 1 }],
      },
      {
        key: key('grant', 'both'),
        stored: undefined,
        carriers: [{ userId: 'bob', id: 'bob-entry-1', entry: 1 }],
      },
      {
        key: key('opening', 'both'),
        stored: undefined,
        carriers: [{ userId: 'cat', id: 'cat-entry-1', entry: 1 }],
      },
      {
        key: key('refund', 'both'),
        stored: { userId: 'ann', subjectId: 'r1', entry: 4 },
        carriers: [{ userId: 'ann', id: 'ann-entry-4', entry: 4 }],
      },
      { key: key('refund', 'alone'), stored: { userId: 'bob', subjectId: 'x', entry: 7 }, carriers: [] },
      {
        key: key('order', 'both', 'ann'),
        stored: { userId: 'ann', subjectId: 'o1', entry: null },
        carriers: [{ userId: 'ann', id: 'o1', entry: null }],
      },
      {
        key: key('order', 'lost', 'ann'),
        stored: undefined,
        carriers: [{ userId: 'ann', id: 'o2', entry: null }],
      },
      {
        key: key('refund', 'lost'),
        stored: undefined,
        carriers: [{ userId: 'bob', id: 'bob-entry-2', entry: 2 }],
      },
    ].sort(byKey),
  )
  const { violations } = await auditStore(store)
  expect(violations.filter(({ law }) => law === 'REFERENCE-ONCE').map(({ subject }) => subject).length).toBeGreaterThan(
    2,
  )
})

describe('for a statement', () => {
  /** A range of hours before noon. */
  const hours = (from: number, until: number) => ({ from: noon - from * hour, until: noon - until * hour })

  const movements = async (from: number, until: number) => {
    const found = await audited((snapshot) => snapshot.movements(hours(from, until)))
    const moved = found.movements.filter(({ amount }) => amount !== 0)
    return [found.opening, Object.fromEntries(moved.map(({ kind, amount }) => [kind, amount]))]
  }

  test('entries count at their time, and a lot that has ended at its end, recorded or not', async () => {
    const ended = lotOf('ended', { amount: 40, expiresAt: noon - 3 * hour })
    const lots = [
      ended,
      lotOf('now', { amount: 7, expiresAt: noon }),
      lotOf('live', { amount: 5, expiresAt: noon + 1 }),
    ]
    await put(store, {
      inserted: {
        wallets: [{ ...walletWith('ann', lots), balance: 92, entries: 4 }, walletOf('bob', 30, 3)],
        entries: [
          entryOf('ann', 1, { amount: 50, balance: 50, at: noon - 9 * hour }),
          entryOf('ann', 2, { kind: 'grant', amount: 52, balance: 102, lots, at: noon - 8 * hour }),
          entryOf('ann', 3, { kind: 'payment', amount: -10, balance: 92, orderId: 'o1', at: noon - 2 * hour }),
          entryOf('bob', 1, { kind: 'opening', amount: 25, balance: 25, at: noon - 7 * hour }),
          entryOf('bob', 2, { kind: 'refund', amount: 10, balance: 35, orderId: 'o2', at: noon - 2 * hour }),
          // Recorded: its time is the end of the lot.
          entryOf('bob', 3, { kind: 'expiry', amount: -5, balance: 30, at: noon - 3 * hour }),
        ],
      },
    })
    const everything = { charge: 50, grant: 52, payment: -10, opening: 25, refund: 10, expiry: -52 }
    expect(await movements(99, -1)).toEqual([0, everything])
    expect(await movements(9, 0)).toEqual([0, { ...everything, expiry: -45 }])
    expect(await movements(8, 3)).toEqual([50, { grant: 52, opening: 25 }])
    expect(await movements(3, 2)).toEqual([127, { expiry: -45 }])
    expect(await movements(2, 1)).toEqual([82, { payment: -10, refund: 10 }])
    expect(await movements(0, -1)).toEqual([82, { expiry: -7 }])
    expect(await movements(-1, -2)).toEqual([75, {}])
  })

  test('orders are those that were paid in the range, or have a refund in it', async () => {
    const paid = (orderId: string, hoursAgo: number, more: Partial<Order> = {}) =>
      paidOrderOf(orderId, { paidAt: noon - hoursAgo * hour, ...more } as Parameters<typeof paidOrderOf>[1])
    const at = noon - 2 * hour
    const orders = [
      paid('before', 9),
      paid('first', 5),
      paid('last', 1),
      paid('refunded', 9, refundedBy(refundOf('r1', { at }), refundOf('r2', { at: noon }))),
      paid('by-the-release-before', 9, { status: 'refunded' }),
      orderOf('pending'),
    ]
    const refund = (orderId: string, sequence: number, at: number) =>
      entryOf('ann', sequence, { kind: 'refund', amount: 1_000, orderId, at })
    await put(store, {
      inserted: {
        orders,
        entries: [
          refund('refunded', 1, at),
          refund('refunded', 2, noon),
          refund('by-the-release-before', 3, at),
          ...orders
            .filter(({ paidAt }) => paidAt !== null)
            .map(({ orderId, paidAt }, index) => paymentOf(orderId, 4 + index, { at: paidAt as number })),
        ],
      },
    })
    const found = await audited((snapshot) => all(snapshot.orderMovements(hours(5, 1))))
    const [first, refunded, bare] = ['first', 'refunded', 'by-the-release-before'].map((id) =>
      orders.find(({ orderId }) => orderId === id),
    )
    const recorded = refundOf('ann-entry-3', { lines: [{ productId: 'tea', quantity: 2, amount: 2_000 }], at })
    expect([...found].sort((a, b) => (a.orderId < b.orderId ? -1 : 1))).toEqual([
      { ...bare, refunds: [recorded], refundedAmount: 1_000 },
      first,
      refunded,
    ])
  })
})
