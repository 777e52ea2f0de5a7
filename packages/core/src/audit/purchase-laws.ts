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

/**
 * The laws of purchase limits.
 *
 * PURCHASE-LIMIT takes the orders in the order of their times, so a limit that was raised or lowered between two of them
 * binds each by its own value. Units only ever leave the sum: an order that counts now has counted since it was decided. So
 * whatever order of decisions is true, a shop that keeps the limit keeps the law.
 *
 * It does not see
 *
 * - an excess that has gone: units that have been cancelled, refunded or have expired since;
 * - an excess within one instant that the highest limit of its orders allows: which of them was decided first is not recorded;
 * - units that were bought while the product had no limit, as long as no limited order follows;
 * - a clock that went back. Orders whose deadline a later order saw pass stay expired. But if the limit was raised between two
 *   orders and the clock went back between them, too, the law may report them although both were right.
 */
export const purchaseLaws: readonly AnyLaw[] = [
  {
    id: 'PURCHASE-LIMIT',
    sentence:
      'The units of a product that a user has in open and paid orders up to one order are at most the purchase limit in force when that order was decided.',
    kind: 'always',
    subject: 'purchase',
    check({ orders }, now) {
      // A deadline that passed before a later order was decided has passed, also for a snapshot of a slower clock.
      const latest = orders.reduce((at, { createdAt }) => Math.max(at, createdAt), now)
      let bought = 0
      for (const group of byInstant(orders)) {
        for (const order of group) if (order.status === 'paid' || isOpen(order, latest)) bought += order.units
        const limit = highestLimit(group)
        const finding = holds(bought <= limit, `at most ${limit}`, bought)
        if (finding) return finding
      }
      return undefined
    },
  },
]
