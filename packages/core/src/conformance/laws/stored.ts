import { canonicalJson } from '../../shared/canonical-json.js'
import type { HistoryLaw } from './run.js'

const differing = (
  what: string,
  shown: Readonly<Record<string, unknown>>,
  stored: Readonly<Record<string, unknown>>,
): readonly string[] =>
  Object.entries(shown)
    .filter(([id, value]) => canonicalJson(value) !== canonicalJson(stored[id] ?? null))
    .map(
      ([id, value]) =>
        `${what} ${id} is shown as ${canonicalJson(value)}, stored is ${canonicalJson(stored[id] ?? null)}`,
    )

const missing = (what: string, shown: readonly string[], stored: readonly string[]): readonly string[] => [
  ...stored.filter((id) => !shown.includes(id)).map((id) => `${what} ${id} is stored, but not shown`),
  ...shown.filter((id) => !stored.includes(id)).map((id) => `${what} ${id} is shown, but not stored`),
]

/** Compares the reads of the adapter with its stored data. */
export const storedLaws: readonly HistoryLaw[] = [
  {
    id: 'SHOWN-IS-STORED',
    sentence: 'Reads of the store agree with its data, inspected without the store.',
    kind: 'history',
    check: ({ sight, peeked }) => {
      if (!peeked) return []
      const { wallets, products, orders, events } = sight
      const issued = Object.values(sight.owned).flatMap((copies) =>
        copies.map(({ couponId, userId }) => `${couponId} ${userId}`),
      )
      const byId = <T, V>(rows: readonly T[], id: (row: T) => string, value: (row: T) => V): Record<string, V> =>
        Object.fromEntries(rows.map((row) => [id(row), value(row)]))
      const users = Object.values(wallets)
      const shelves = Object.values(products)
      return [
        ...differing(
          'balance of',
          byId(
            users,
            ({ userId }) => userId,
            ({ balance }) => balance,
          ),
          peeked.balances,
        ),
        ...differing(
          'units left of',
          byId(
            shelves,
            ({ productId }) => productId,
            ({ stock }) => stock,
          ),
          peeked.available,
        ),
        ...differing(
          'order',
          byId(
            orders,
            ({ orderId }) => orderId,
            ({ status }) => status,
          ),
          peeked.orders,
        ),
        ...differing(
          'event',
          byId(
            events,
            ({ eventId }) => eventId,
            ({ status }) => status,
          ),
          peeked.events,
        ),
        ...missing('coupon', issued, peeked.issuedCoupons),
        ...missing(
          'order',
          orders.map(({ orderId }) => orderId),
          Object.keys(peeked.orders),
        ),
        ...missing(
          'event',
          events.map(({ eventId }) => eventId),
          Object.keys(peeked.events),
        ),
      ]
    },
  },
]
