import type { Order, Refund } from '../../../model/order.js'
import { maxInstant } from '../../../shared/limits.js'
import type { Rows } from '../../../store/rows.js'
import type { Store } from '../../../store/store.js'
import { differences } from '../../../testing/difference.js'
import { couponOf, entryOf, eventOf, lineOf, orderOf, productOf, walletOf } from '../../../testing/given-rows.js'
import type { Scenario } from '../trial.js'
import { look, put } from './transactions.js'

type Table = 'wallets' | 'orders' | 'products' | 'coupons' | 'events'

/** The rows of a table after a first insert and after each update, one transaction each. */
interface Story<T extends Table> {
  readonly table: T
  readonly id: (row: Rows[T]) => string
  /** Inserted together. */
  readonly inserted: readonly (readonly Rows[T][])[]
  /** Updated together. */
  readonly updated: readonly (readonly Rows[T][])[]
}

/** Writes the steps of a story, and compares every field after each. */
const follow = async <T extends Table>(
  store: Store<never>,
  { table, id, inserted, updated }: Story<T>,
): Promise<readonly string[]> => {
  const rows = new Map<string, Rows[T]>()
  const problems: string[] = []
  const steps = [
    ...inserted.map((some) => ['inserted', some] as const),
    ...updated.map((some) => ['updated', some] as const),
  ]
  for (const [index, [how, some]] of steps.entries()) {
    await put(store, { [how]: { [table]: some } }, { lock: { [table]: some.map(id).sort() } })
    for (const row of some) rows.set(id(row), row)
    const found = (await look(store, { lock: { [table]: [...rows.keys()].sort() } }))[table] as readonly Rows[T][]
    const shown = Object.fromEntries(found.map((row) => [id(row), row]))
    problems.push(...differences(shown, Object.fromEntries(rows), `${table} after step ${index + 1}`))
  }
  return problems
}

const lot = { lotId: 'l1', amount: 5, expiresAt: 9_000, sequence: 1 }
const endless = { lotId: 'l2', amount: 2 ** 53 - 6, expiresAt: null, sequence: 2 }
const w = (userId: string, row: Partial<Rows['wallets']> = {}) => walletOf({ userId, entries: 1, ...row }).row

const wallets: Story<'wallets'> = {
  table: 'wallets',
  id: ({ userId }) => userId,
  inserted: [[w('a'), w('b', { balance: 5, lots: [lot] })], [w('c')]],
  updated: [
    [w('a', { balance: 3, entries: 2 }), w('b', { balance: 6, entries: 2, lots: [lot] }), w('c', { balance: 1 })],
    [w('a', { balance: 2 ** 53 - 1, entries: 3, lots: [lot, endless] }), w('b', { balance: 1, entries: 3 })],
    [
      w('a', { balance: 5, entries: 4, lots: [lot] }),
      w('b', { balance: 7, entries: 4, lots: [lot] }),
      w('c', { balance: 9 }),
    ],
    [w('a', { balance: 4, entries: 5, lots: [{ ...lot, amount: 4 }] }), w('c', { balance: 8 })],
  ],
}

const refund = (refundId: string, parts: Partial<Refund> = {}): Refund => ({
  refundId,
  amount: 333,
  bonusAmount: 0,
  lines: [{ productId: 'p1', quantity: 1, amount: 333 }],
  restocked: true,
  reason: null,
  reference: null,
  at: 1_000,
  ...parts,
})

const whole = { amount: 999, lines: [{ productId: 'p1', quantity: 3, amount: 999 }] }

const o = (orderId: string, parts: Partial<Order> = {}) =>
  orderOf({ orderId, status: 'paid', lines: [lineOf({ quantity: 3, unitPrice: 333 })], ...parts }).row

const sources = [
  { lotId: 'l1', amount: 5, expiresAt: 9_000, sequence: 1 },
  { lotId: null, amount: 994 },
]
const full = {
  discountedProductIds: ['p1', 'p-unknown'],
  lines: [lineOf({ quantity: 3, unitPrice: 333, purchaseLimit: 10 ** 12 })],
  reference: `~!"#$%&'()*+,-./:;<=>?@[]^_{|}`,
  sources,
  refundedAmount: 333,
  refunds: [refund('r1', { reason: '파손 "\\\'', reference: 'R-1', restocked: false, bonusAmount: 5 })],
  discountWithdrawnBy: 'r1',
  metadata: { note: '한국어 ☕ "\\\'', 'a.b-C_1': '' },
}

const orders: Story<'orders'> = {
  table: 'orders',
  id: ({ orderId }) => orderId,
  inserted: [
    [o('a'), o('b', full)],
    [o('c', { status: 'pending', paidAt: null, paymentId: null, expiresAt: 5_000, events: 0 })],
  ],
  updated: [
    [
      o('a', {
        refundedAmount: 0,
        refunds: [refund('r2', { amount: 0, lines: [{ productId: 'p1', quantity: 1, amount: 0 }] })],
      }),
      o('b', { ...full, events: 2 }),
      o('c', { events: 1, metadata: { gift: '1' } }),
    ],
    [
      o('a', { status: 'refunded', refundedAmount: 999, refunds: [refund('r2', whole)], events: 3 }),
      o('c', { sources, events: 1, metadata: { gift: '1' } }),
    ],
    [
      o('b', { ...full, status: 'refunded', refundedAmount: 999, refunds: [refund('r5', whole)], events: 3 }),
      o('c', { sources, events: 2, metadata: { gift: '1' } }),
    ],
    [
      o('a', {
        status: 'refunded',
        refundedAmount: 999,
        refunds: [refund('r2', whole)],
        events: 3,
        metadata: { packed: 'yes' },
      }),
      o('b', { ...full, status: 'refunded', refundedAmount: 999, refunds: [refund('r5', whole)], metadata: null }),
      o('c', { sources, events: 2, metadata: { gift: '2' } }),
    ],
  ],
}

const drop = {
  opensAt: 0,
  closesAt: maxInstant,
  sale: { price: 0, from: 5, until: maxInstant },
  purchaseLimit: 1,
  metadata: { note: '한국어 ☕', 'a.b-C_1': '' },
}

const p = (productId: string, row: Partial<Rows['products']> = {}) => productOf({ productId, ...row }).row

const products: Story<'products'> = {
  table: 'products',
  id: ({ productId }) => productId,
  inserted: [
    [p('a'), p('b'), p('c')],
    [p('d', drop), p('e', { metadata: { shelf: 'ß "\\' } }), p('f', { closesAt: 0 })],
  ],
  updated: [
    [p('a', { purchaseLimit: 10 ** 12 }), p('d', { ...drop, sale: null }), p('e', { opensAt: 7 }), p('f', drop)],
    [p('d', { ...drop, opensAt: null, closesAt: null, held: 1 }), p('e'), p('b', { sale: drop.sale })],
    [p('a'), p('b'), p('d', { stock: 8, received: 11 }), p('f')],
    [
      p('a', { stock: 9, received: 11, held: 4 }),
      p('b', { name: 'Renamed', price: 0 }),
      p('c', { listed: false, stock: 3 }),
    ],
    [p('a', { stock: 8, received: 11 }), p('b', { name: 'Renamed', price: 0, held: 1 })],
  ],
}

const c = (couponId: string, row: Partial<Rows['coupons']> = {}) => couponOf({ couponId, ...row }).row
const coded = { code: 'Ab-9', productIds: ['p1', 'p-unknown'], metadata: { series: '봄 "\\' } }

const coupons: Story<'coupons'> = {
  table: 'coupons',
  id: ({ couponId }) => couponId,
  inserted: [
    [c('a'), c('b', coded)],
    [c('c', { productIds: ['p2'] }), c('d', { code: 'x'.repeat(40), minimumOrderAmount: 0 })],
  ],
  updated: [
    [c('a', { issued: 1 }), c('b', { ...coded, issued: 2 }), c('c', { productIds: ['p2'], quantity: 999 })],
    [c('b', { ...coded, validUntil: maxInstant }), c('d', { code: 'x'.repeat(40), minimumOrderAmount: 0 })],
    [
      c('a', { issued: 1, metadata: { shelf: '' } }),
      c('b', { ...coded, metadata: null }),
      c('c', { productIds: ['p2'], quantity: 999, metadata: { shelf: 'C' } }),
    ],
    [c('a', { issued: 2, metadata: { shelf: '' } }), c('c', { productIds: ['p2'], quantity: 999 })],
  ],
}

const e = (eventId: string, row: Partial<Rows['events']> = {}) =>
  eventOf({ eventId, orderId: `of-${eventId}`, ...row }).row
const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

const events: Story<'events'> = {
  table: 'events',
  id: ({ eventId }) => eventId,
  inserted: [
    [e('a'), e('b', { traceparent: trace, lastError: 'not now' })],
    [e('c', { type: 'order.partially-refunded' })],
  ],
  updated: [
    [e('a', { status: 'dead', attempts: 7, lastError: 'gone' }), e('b', { traceparent: trace, attempts: 1 })],
    [e('a', { nextAttemptAt: 7_000 }), e('c', { type: 'order.partially-refunded', status: 'dead', lastError: 'ß' })],
  ],
}

const entries: readonly Rows['entries'][] = [
  entryOf({ kind: 'opening' }).row,
  entryOf({
    sequence: 2,
    kind: 'refund',
    amount: 7,
    orderId: 'a',
    lots: [
      { ...lot, amount: 3 },
      { ...endless, amount: 2 },
    ],
    reference: '!~',
    reason: '한국어 "\\',
    metadata: { 'a.b-C_1': '', note: 'ß\n☕' },
  }).row,
  entryOf({ sequence: 3, kind: 'payment', amount: 0, orderId: 'b' }).row,
  entryOf({ sequence: 4, kind: 'expiry', amount: -3, lots: [{ ...lot, amount: -3 }] }).row,
  entryOf({ sequence: 5, kind: 'adjustment', amount: -1, reason: 'r', metadata: null }).row,
]

/** Scenarios of the fields that are null in most rows, and of those that change often. */
export const fieldTrials: readonly Scenario[] = [
  {
    id: 'TRANSACT-FIELDS',
    sentence:
      'Every field of every row is read as it was written, null or not, whichever of the fields change and whichever rows are written with it.',
    kind: 'history',
    async play({ store }) {
      const own = store as unknown as Store<never>
      // An event belongs to an order, an entry to a wallet.
      const parents = ['of-a', 'of-b', 'of-c'].map((orderId) => orderOf({ orderId, status: 'paid' }).row)
      await put(store, { inserted: { wallets: [walletOf().row], orders: parents } })
      const found = [
        ...(await follow(own, wallets)),
        ...(await follow(own, orders)),
        ...(await follow(own, products)),
        ...(await follow(own, coupons)),
        ...(await follow(own, events)),
      ]
      await put(store, { inserted: { entries: entries.slice(0, 1) } })
      await put(store, { inserted: { entries: entries.slice(1) } })
      const history = await store.reads.entries({ userId: 'u1', limit: 10 })
      return [...found, ...differences(history.toReversed(), entries, 'the entries')]
    },
  },
]
