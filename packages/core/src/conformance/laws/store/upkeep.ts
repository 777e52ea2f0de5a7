import { auditStore } from '../../../audit/audit.js'
import type { Refund } from '../../../model/order.js'
import { dayOf } from '../../../shared/calendar.js'
import type { Store } from '../../../store/store.js'
import { differences } from '../../../testing/difference.js'
import { eventOf, lineOf, type OrderParts, orderOf, productOf, walletOf } from '../../../testing/given-rows.js'
import type { Scenario } from '../trial.js'
import { look, put } from './transactions.js'

const hour = 3_600_000
const day = 24 * hour

type Looked = Pick<Store<never>, 'transact'>

/** Sold units and views of every product with a sale on that day. */
const salesOn = async (store: Looked, timeZone: string, on: string): Promise<readonly string[]> => {
  const { sales } = await look(store, { read: { sales: [{ timeZone, from: on, to: on, size: 10 }] } })
  return (sales[0] ?? []).map(({ productId, sold, views }) => `${productId} sold ${sold} seen ${views}`).sort()
}

/** Scenarios of maintenance. */
export const upkeepTrials: readonly Scenario[] = [
  {
    id: 'UPKEEP-VIEWS',
    sentence: 'Views add up; views of an unknown product are ignored.',
    kind: 'history',
    async play({ store }, clock) {
      const today = dayOf(clock.now(), 'UTC')
      await put(store, {
        inserted: { products: [productOf({ productId: 'p1' }).row, productOf({ productId: 'p2' }).row] },
        sales: ['p1', 'p2'].map((productId) => ({ timeZone: 'UTC', day: today, productId, quantity: 1 })),
      })
      await store.upkeep.addViews(
        new Map([
          ['p1', 2],
          ['nobody', 9],
        ]),
      )
      await store.upkeep.addViews(
        new Map([
          ['p1', 3],
          ['p2', 1],
        ]),
      )
      return differences(await salesOn(store, 'UTC', today), ['p1 sold 1 seen 5', 'p2 sold 1 seen 1'], 'the sums')
    },
  },
  {
    id: 'UPKEEP-PURGE',
    sentence:
      'A purge removes old rows, at most as many as requested. Young rows and pending events stay, and references for ever.',
    kind: 'history',
    async play({ store }, clock) {
      const at = clock.now()
      const outcomes = ['a', 'b', 'c'].map((key) => ({ scope: 'ann', key, fingerprint: 'f', outcome: {}, at }))
      const events = ['o1', 'o2'].map(
        (orderId) => eventOf({ eventId: orderId, subjectId: orderId, sequence: 1, at, nextAttemptAt: at }).row,
      )
      const orders = ['o1', 'o2'].map((orderId) => orderOf({ orderId, status: 'paid', createdAt: at }).row)
      const key = { kind: 'refund', owner: '', reference: 'r' } as const
      const reference = { ...key, fingerprint: 'f', result: {}, userId: 'ann', subjectId: 'e1', entry: 1, at }
      await put(store, { inserted: { outcomes, events, orders, references: [reference] } })
      await store.outbox.claimEvents({ limit: 10, leaseMs: 1_000, lease: 'l' })
      await store.outbox.recordDeliveries([{ eventId: 'o1', lease: 'l', status: 'sent' }])
      clock.move(2 * day)
      const young = { scope: 'ann', key: 'young', fingerprint: 'f', outcome: {}, at: clock.now() }
      await put(store, { inserted: { outcomes: [young] } })
      const retention = { outcomesMs: day, sentEventsMs: day, groupsMs: day }
      const counts = [await store.upkeep.purge(retention, 2), await store.upkeep.purge(retention, 2)]
      const keys = [...outcomes, young].map(({ scope, key }) => ({ scope, key }))
      const left = await look(store, { read: { outcomes: keys, references: [key] } })
      const waiting = await store.reads.events({ limit: 10 })
      return [
        ...differences(counts, [3, 1], 'the numbers of removed rows'),
        ...differences(left.outcomes, [{ key: 'young' }], 'the remaining outcomes'),
        ...differences(left.references, [reference], 'the references'),
        ...differences(waiting, [{ eventId: 'o2' }], 'the remaining events'),
      ]
    },
  },
  {
    id: 'UPKEEP-SALES',
    sentence:
      'Daily sums can be rebuilt from the units in paid orders that are not refunded, by the days of another time zone.',
    kind: 'history',
    async play({ store }) {
      // Ten in the evening in London is the next day in Seoul.
      const paidAt = Date.UTC(2026, 0, 30, 22)
      const row = (orderId: string, quantity: number, parts: OrderParts) =>
        orderOf({ orderId, status: 'paid', paidAt, createdAt: paidAt, lines: [lineOf({ quantity })], ...parts }).row
      const oneUnit = (refundId: string): Refund => ({
        refundId,
        amount: 1_000,
        bonusAmount: 0,
        lines: [{ productId: 'p1', quantity: 1, amount: 1_000 }],
        restocked: true,
        reason: null,
        reference: null,
        at: paidAt,
      })
      const refunds = [oneUnit('r1'), oneUnit('r2')]
      await put(store, {
        inserted: {
          products: [productOf({ received: 10, stock: 7 }).row],
          wallets: [walletOf().row],
          orders: [
            row('o1', 4, { refunds, refundedAmount: 2_000, events: 3 }),
            row('o2', 1, {}),
            row('o3', 4, { status: 'refunded' }),
            row('o4', 1, { status: 'refunded', refunds: [oneUnit('r3')], refundedAmount: 1_000 }),
          ],
        },
      })
      const made = [await store.upkeep.ensureSales('Asia/Seoul'), await store.upkeep.ensureSales('Asia/Seoul')]
      const seoul = await salesOn(store, 'Asia/Seoul', '2026-01-31')
      const again = await store.upkeep.ensureSales('UTC')
      const rebuilt = await store.upkeep.ensureSales('UTC', { rebuild: true })
      return [
        ...differences([...made, again, rebuilt], [true, false, true, true], 'whether the sums were rebuilt'),
        ...differences(seoul, ['p1 sold 3 seen 0'], 'the sums of Seoul'),
        ...differences(await salesOn(store, 'UTC', '2026-01-30'), ['p1 sold 3 seen 0'], 'the sums of UTC'),
      ]
    },
  },
  {
    id: 'AUDIT-ONE-MOMENT',
    sentence: 'An audit sees one moment: later commits are not part of it.',
    kind: 'history',
    async play({ store }) {
      await put(store, { inserted: { wallets: [walletOf().row] } })
      const snapshot = await store.audit()
      await put(store, { updated: { wallets: [{ ...walletOf().row, balance: 5 }] } }, { lock: { wallets: ['u1'] } })
      const { violations } = await auditStore({ audit: async () => snapshot })
      const after = await auditStore(store)
      return [
        ...differences(violations, [], 'the violations in the snapshot'),
        ...differences(after.violations, [{ law: 'WALLET-LEDGER', subject: 'wallet u1' }], 'the violations afterwards'),
      ]
    },
  },
]
