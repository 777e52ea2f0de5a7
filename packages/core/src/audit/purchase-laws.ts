import { isOpen } from '../model/order.js'
import type { Instant } from '../shared/instant.js'
import type { PurchasedLine } from '../store/audit-snapshot.js'
import { type AnyLaw, holds } from './law.js'

/** Orders of one instant count as decided together: which was first is not recorded. */
const byInstant = (orders: readonly PurchasedLine[]): readonly (readonly PurchasedLine[])[] => {
  const groups = new Map<Instant, PurchasedLine[]>()
  for (const order of [...orders].sort((a, b) => a.createdAt - b.createdAt)) {
    const group = groups.get(order.createdAt)
    if (group) group.push(order)
    else groups.set(order.createdAt, [order])
  }
  return [...groups.values()]
}

/** The highest limit of these lines. A line without one was not limited. */
const highestLimit = (orders: readonly PurchasedLine[]): number =>
  Math.max(...orders.map(({ purchaseLimit }) => purchaseLimit ?? Number.POSITIVE_INFINITY))

/** The laws of purchase limits. */
export const purchaseLaws: readonly AnyLaw[] = [
  {
    id: 'PURCHASE-LIMIT',
    sentence:
      'The units of a product that a user has in open and paid orders up to one order are at most the purchase limit in force when that order was decided.',
    kind: 'always',
    subject: 'purchase',
    check({ orders }, now) {
      let bought = 0
      for (const group of byInstant(orders)) {
        for (const order of group) if (order.status === 'paid' || isOpen(order, now)) bought += order.units
        const limit = highestLimit(group)
        const finding = holds(bought <= limit, `at most ${limit}`, bought)
        if (finding) return finding
      }
      return undefined
    },
  },
]
