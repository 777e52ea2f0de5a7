import type { Order, Refund } from '../../../model/order.js'
import { presets } from '../../../policies/presets.js'
import { mergeKeys } from '../../../store/key-lists.js'
import type { SomeKeys } from '../../../store/keys.js'
import type { Loaded } from '../../../store/rows.js'
import { differences } from '../../../testing/difference.js'
import { lineOf, type OrderParts, orderOf, productOf, walletOf } from '../../../testing/given-rows.js'
import { startOfHistory } from '../../steps.js'
import type { Scenario } from '../trial.js'
import { atOnce, count, serversOn, soundly } from './servers.js'
import { look, put } from './transactions.js'

const policies = presets['hold-at-order']
const holdMs = policies.order.holdMinutes * 60_000

const refundOf = (productId: string, quantity: number): Refund => ({
  refundId: `refund-${productId}`,
  amount: 0,
  bonusAmount: 0,
  lines: [{ productId, quantity, amount: 0 }],
  restocked: true,
  reason: null,
  reference: null,
  at: startOfHistory,
})

const order = (orderId: string, userId: string, quantities: Readonly<Record<string, number>>, parts: OrderParts = {}) =>
  orderOf({
    orderId,
    userId,
    createdAt: startOfHistory,
    lines: Object.entries(quantities).map(([productId, quantity]) => lineOf({ productId, quantity, unitPrice: 0 })),
    ...parts,
  }).row

const until = (expiresAt: number) => ({ status: 'pending', expiresAt }) as const
const paid = { status: 'paid', paidAt: startOfHistory } as const
const refunded = (...refunds: Refund[]) => ({ ...paid, refundedAmount: 0, refunds, events: 2 })

/** The orders of ann and bob. Of `limited`, ann has 3 in paid orders, and 1 in an order that is open for a millisecond. */
const orders: readonly Order[] = [
  order('paid', 'ann', { limited: 5, free: 3 }, refunded(refundOf('limited', 2), refundOf('free', 1))),
  order('open', 'ann', { free: 7, limited: 1 }, until(startOfHistory + 1)),
  order('overdue', 'ann', { limited: 100 }, until(startOfHistory)),
  order('cancelled', 'ann', { limited: 200 }, { status: 'cancelled', expiresAt: null }),
  order('failed', 'ann', { limited: 300 }, { status: 'failed', expiresAt: null }),
  order('expired', 'ann', { limited: 400 }, { status: 'expired', expiresAt: startOfHistory + holdMs }),
  order('refunded', 'ann', { limited: 6 }, { ...refunded(refundOf('limited', 6)), status: 'refunded' }),
  order('of-bob', 'bob', { limited: 4, other: 2 }, paid),
  order('of-none', 'bob', { other: 8 }, until(startOfHistory + 1)),
]

const products = [
  productOf({ productId: 'limited', purchaseLimit: 3 }).row,
  productOf({ productId: 'free' }).row,
  productOf({ productId: 'other', purchaseLimit: 1 }).row,
]

const keys: SomeKeys = {
  lock: { products: ['free', 'limited'], wallets: ['ann'] },
  read: { buyers: ['ann', 'bob', 'carl'], openOrders: ['ann', 'bob', 'carl'] },
}

/** The units of the locked product with a limit, and the open orders: those that are not 0. */
const countsIn = ({ purchases, openOrders }: Loaded): readonly string[] =>
  [
    ...purchases
      .filter(({ productId }) => productId === 'limited')
      .map((each) => [each.userId, each.quantity] as const),
    ...openOrders.map(({ userId, count: open }) => [`open of ${userId}`, open] as const),
  ]
    .filter(([, number]) => number !== 0)
    .map(([name, number]) => `${name} ${number}`)
    .sort()

const limitOf = 3

/** Scenarios of the purchases of users. */
export const purchaseTrials: readonly Scenario[] = [
  {
    id: 'LOAD-PURCHASES',
    sentence:
      'A transaction and a load count what each buyer has of the locked products with a limit, and the open orders of each user: open by the store’s time or paid, less the refunded units.',
    kind: 'history',
    async play({ store, transaction, another }, clock) {
      const rows = { products, wallets: [walletOf({ userId: 'ann' }).row] }
      await put(store, { inserted: { ...rows, orders } })
      const wanted = mergeKeys([keys])
      const other = (await another?.()) ?? store
      const first = [countsIn(await look(store, keys)), countsIn(await other.load(wanted))]
      const nobody = await look(store, { lock: { products: ['limited'] } })
      clock.move(1)
      const later = [countsIn(await look(other, keys)), countsIn(await store.load(wanted))]
      const inside = await transaction?.(async (tx) => {
        const own = store.within?.(tx)
        if (!own) return undefined
        await put(own, { inserted: { orders: [order('inside', 'carl', { limited: 2 }, until(clock.now() + 9))] } })
        return countsIn(await own.load(wanted))
      })
      const due = ['ann 4', 'bob 4', 'open of ann 1', 'open of bob 1']
      const dueLater = ['ann 3', 'bob 4']
      return [
        ...differences(first, [due, due], 'the counts'),
        ...differences(nobody.purchases, [], 'the purchases without a buyer'),
        ...differences(later, [dueLater, dueLater], 'the counts once the open orders are overdue'),
        ...(inside ? differences(inside, [...dueLater, 'carl 2', 'open of carl 1'], 'the counts inside') : []),
      ]
    },
  },
  {
    id: 'AUDIT-PURCHASES',
    sentence:
      'A snapshot lists each user and product with a limit on a line of a pending or paid order, with all these orders, and the units that are left in each.',
    kind: 'history',
    async play({ store }) {
      const limitOn = (row: Order, ...productIds: string[]): Order => ({
        ...row,
        lines: row.lines.map((line) => (productIds.includes(line.productId) ? { ...line, purchaseLimit: 7 } : line)),
      })
      const rows = orders.map((row) => (row.orderId === 'open' ? limitOn(row, 'limited') : limitOn(row, 'other')))
      const gone = order('gone', 'carl', { limited: 1 }, { status: 'cancelled', expiresAt: null })
      const stored = [...rows, limitOn(gone, 'limited')]
      await put(store, { inserted: { products, wallets: [walletOf({ userId: 'ann' }).row], orders: stored } })
      const snapshot = await store.audit()
      const found: string[] = []
      for await (const { userId, productId, orders: own } of snapshot.purchases()) {
        const lines = own.map((line) => {
          const { createdAt, expiresAt } = stored.find(({ orderId }) => orderId === line.orderId) ?? {}
          const isSame = line.createdAt === createdAt && line.expiresAt === expiresAt
          return `${line.status} ${line.orderId} ${line.units} of ${line.purchaseLimit}${isSame ? '' : ', other times'}`
        })
        found.push(`${userId} ${productId}: ${lines.sort().join(', ')}`)
      }
      await snapshot.close()
      return differences(
        found.sort(),
        [
          'ann limited: paid paid 3 of null, pending open 1 of 7, pending overdue 100 of null',
          'bob other: paid of-bob 2 of 7, pending of-none 8 of 7',
        ],
        'the purchases',
      )
    },
  },
  {
    id: 'PURCHASE-LIMIT-RACE',
    sentence:
      'If users send many orders at once, on several servers, each gets exactly the limit, and as much again as cancelling, refunds and deadlines free.',
    kind: 'eventually',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      const users = ['u0', 'u1', 'u2', 'u3']
      await at(0).products.create({ productId: 'p', name: 'P', price: 0, stock: 999, purchaseLimit: limitOf })
      const place = (index: number) =>
        at(Math.floor(index / users.length)).orders.place({
          userId: users[index % users.length] as string,
          products: [{ productId: 'p', quantity: 1 }],
        })
      const all = async (what: string, each: number) => {
        const { accepted, heard } = await atOnce(10 * users.length, place)
        return [
          ...differences(accepted, each * users.length, `orders accepted ${what}`),
          ...differences(heard, ['PURCHASE_LIMIT_EXCEEDED'], `the refusals ${what}`),
        ]
      }
      const idsOf = async (userId: string) =>
        (await at(0).orders.list({ userId, status: 'pending', limit: 9 })).items.map(({ orderId }) => orderId)
      const problems = [...(await all('at first', limitOf))]
      for (const [index, userId] of users.entries()) {
        const [cancelled = '', returned = ''] = await idsOf(userId)
        await at(index).orders.cancel({ orderId: cancelled })
        await at(index + 1).payments.pay({ userId, orderId: returned })
        await at(index).orders.refund({ orderId: returned })
      }
      problems.push(...(await all('after a cancelled and a refunded one', 2)))
      const [kept = ''] = await idsOf('u0')
      await at(1).payments.pay({ userId: 'u0', orderId: kept })
      clock.move(holdMs - 1)
      problems.push(...(await all('just before the deadlines', 0)))
      clock.move(1)
      const { accepted } = await count(Array.from({ length: 10 * users.length }, (_, index) => place(index)))
      problems.push(...differences(accepted, limitOf * users.length - 1, 'orders accepted at the deadlines'))
      return [...problems, ...(await soundly(subject))]
    },
  },
  {
    id: 'PENDING-ORDERS-RACE',
    sentence:
      'If a user with a wallet sends many orders at once, on several servers, exactly as many stay open as are allowed.',
    kind: 'eventually',
    async play(subject, clock, open) {
      const order = { ...policies.order, pendingPerUser: 2 }
      const at = await serversOn(subject, open, { ...policies, order })
      await at(0).balance.charge({ userId: 'u', amount: 1 })
      for (const productId of ['a', 'b', 'c', 'd'])
        await at(0).products.create({ productId, name: 'P', price: 0, stock: 99 })
      const place = (index: number) =>
        at(index).orders.place({
          userId: 'u',
          products: [{ productId: ['a', 'b', 'c', 'd'][index % 4] as string, quantity: 1 }],
        })
      const first = await atOnce(12, place)
      const { items } = await at(0).orders.list({ userId: 'u', status: 'pending' })
      await at(0).payments.pay({ userId: 'u', orderId: items[0]?.orderId ?? 'none' })
      const second = await atOnce(12, place)
      clock.move(holdMs)
      const third = await atOnce(12, place)
      return [
        ...differences(first, { accepted: 2, heard: ['TOO_MANY_PENDING_ORDERS'] }, 'the first orders'),
        ...differences(second.accepted, 1, 'orders accepted after a payment'),
        ...differences(third.accepted, 2, 'orders accepted at the deadline'),
        ...(await soundly(subject)),
      ]
    },
  },
]
