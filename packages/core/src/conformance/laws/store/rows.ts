import { isStoreError } from '../../../store/store-error.js'
import { differences } from '../../../testing/difference.js'
import { entryOf, eventOf, orderOf, productOf, walletOf } from '../../../testing/given-rows.js'
import { ending, type Scenario, textOf } from '../trial.js'
import { look, put } from './transactions.js'

const wallet = walletOf({ userId: 'ann' }).row
const tea = productOf({ productId: 'tea' }).row

/** Scenarios of writing rows and reading them. */
export const rowTrials: readonly Scenario[] = [
  {
    id: 'TRANSACT-VALUES',
    sentence: 'Every value is read as it was written: the largest amounts, any text, empty lists.',
    kind: 'history',
    async play({ store }) {
      const rows = {
        wallets: [
          {
            ...wallet,
            balance: Number.MAX_SAFE_INTEGER,
            entries: 1,
            lots: [
              { lotId: 'l1', amount: 1, expiresAt: wallet.createdAt, sequence: 1 },
              { lotId: 'l2', amount: 2 ** 52, expiresAt: null, sequence: 2 },
            ],
          },
          { ...wallet, userId: 'bob' },
        ],
        orders: [
          {
            ...orderOf({ orderId: 'o1', status: 'paid', reference: `r"'\\%` }).row,
            sources: [{ lotId: 'l1', amount: 1, expiresAt: null, sequence: 1 }, { lotId: null, amount: 999 } as const],
            refundedAmount: 0,
            refunds: [
              {
                refundId: 'r1',
                amount: 0,
                bonusAmount: 0,
                lines: [],
                restocked: false,
                reason: `too "late"`,
                reference: null,
                at: wallet.createdAt,
              },
            ],
            discountWithdrawnBy: 'r1',
          },
          orderOf({ orderId: 'o2' }).row,
        ],
        products: [
          {
            ...tea,
            name: `'; drop table "x"; -- % _ \\ 한국어 ☕️ \u200b`,
            price: 9_000_000_000,
            stock: 10 ** 12,
            received: 10 ** 12,
          },
        ],
        outcomes: [
          {
            scope: 'ann',
            key: 'k"\'\\',
            fingerprint: 'f',
            outcome: { list: [], nested: { text: 'ß\n\t', none: null, big: Number.MAX_SAFE_INTEGER, negative: -1 } },
            at: wallet.createdAt,
          },
        ],
        events: [
          eventOf({ eventId: 'e1', subjectId: 'o1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }).row,
          eventOf({ eventId: 'e2', subjectId: 'o2', traceparent: null }).row,
        ],
      }
      const entries = [null, { text: `"'\\ ☕️`, nothing: '' }, {}].map(
        (metadata, index) => entryOf({ userId: 'ann', sequence: 3 - index, metadata, reason: metadata && 'null' }).row,
      )
      await put(store, { inserted: { ...rows, entries } })
      const { wallets, orders, products, outcomes, events } = await look(store, {
        lock: { wallets: ['ann', 'bob'], orders: ['o1', 'o2'], products: ['tea'], events: ['e1', 'e2'] },
        read: { outcomes: [{ scope: 'ann', key: 'k"\'\\' }] },
      })
      const sorted = {
        wallets: wallets.toSorted((a, b) => (a.userId < b.userId ? -1 : 1)),
        orders: orders.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1)),
        events: events.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1)),
      }
      return [
        ...differences({ products, outcomes, ...sorted }, rows),
        ...differences(await store.reads.entries({ userId: 'ann', limit: 9 }), entries, 'the history'),
      ]
    },
  },
  {
    id: 'READS-SEE',
    sentence: 'A read sees everything that was committed before it began.',
    kind: 'history',
    async play(subject, clock) {
      const { store } = subject
      const other = (await subject.another?.()) ?? store
      const problems: string[] = []
      await put(store, { inserted: { products: [tea] } })
      for (let price = 1; price <= 20; price += 1) {
        const [own, reader] = price % 2 ? [store, other] : [other, store]
        await put(own, { updated: { products: [{ ...tea, price }] } }, { lock: { products: ['tea'] } })
        const { found } = await reader.reads.product('tea')
        problems.push(...differences(found?.price, price, 'the price that was just written'))
      }
      const now = clock.now()
      const lotted = (userId: string, expiresAt: number | null) => ({
        ...walletOf({ userId, balance: 5 }).row,
        lots: [{ lotId: `lot-of-${userId}`, amount: 5, expiresAt, sequence: 1 }],
      })
      const lots = [lotted('now', now), lotted('before', now - 1), lotted('later', now + 1), lotted('never', null)]
      await put(store, { inserted: { wallets: [...lots, walletOf({ userId: 'plain' }).row] } })
      const ended = await other.reads.walletsWithEndedLots({ limit: 9 })
      problems.push(...differences(ended, ['before', 'now'], 'the wallets with a lot that has ended'))
      return problems
    },
  },
  {
    id: 'TRANSACT-PAYMENTS',
    sentence:
      'No two entries of kind `payment` name the same order: a second one is a conflict and takes the other changes with it; refunds of the order are free.',
    kind: 'history',
    async play({ store }) {
      const kinds = ['charge', 'payment', 'refund', 'refund'] as const
      const entries = kinds.map(
        (kind, index) =>
          entryOf({
            userId: 'ann',
            sequence: index + 1,
            kind,
            amount: kind === 'payment' ? -100 : 50,
            orderId: kind === 'charge' ? null : 'o1',
          }).row,
      )
      const second = {
        ...entryOf({ userId: 'ann', sequence: 5 }).row,
        kind: 'payment',
        amount: -9,
        orderId: 'o1',
      } as const
      await put(store, { inserted: { wallets: [wallet], orders: [orderOf({ status: 'paid' }).row], entries } })
      const again = await ending(put(store, { inserted: { entries: [second], products: [tea] } }))
      const found = await look(store, { lock: { products: ['tea'] } })
      return [
        ...(again.ok || !isStoreError(again.error) || again.error.kind !== 'conflict'
          ? [`a second payment ended with ${again.ok ? 'a commit' : textOf(again.error)} instead of a conflict`]
          : []),
        ...differences(found.products, [], 'the other change of the transaction'),
        ...differences(await store.reads.entries({ userId: 'ann', limit: 9 }), entries.toReversed(), 'the entries'),
      ]
    },
  },
]
