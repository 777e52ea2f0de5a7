import { isClaimable } from '../model/coupon.js'
import { hasEnded } from '../model/lot.js'
import { isOverdue, statusAt } from '../model/order.js'
import { foldName, isDrop, type Product, type ProductReading } from '../model/product.js'
import { hasPassed, type Instant } from '../shared/instant.js'
import type { ListQuery, Position, Reads } from '../store/reads.js'
import type { Data } from './tables.js'

const newestFirst = (a: Position, b: Position): number => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

/** Newest first, after the cursor `after`, at most `limit`. */
const list = <Row>(rows: Iterable<Row>, { limit, after }: ListQuery, position: (row: Row) => Position): Row[] =>
  [...rows]
    .map((row) => ({ row, ...position(row) }))
    .sort(newestFirst)
    .filter((each) => after === undefined || newestFirst(after, each) < 0)
    .slice(0, limit)
    .map(({ row }) => row)

export const inMemoryReads = (data: Data, now: () => Instant): Reads => {
  const { wallets, entries, products, holds, coupons, issuedCoupons, orders, events, rankings } = data.tables
  const { historyLosses } = data.tables

  const reading = (product: Product): ProductReading => {
    let overdue = 0
    for (const { productId, quantity, expiresAt } of holds.values()) {
      if (productId === product.productId && hasPassed(expiresAt, now())) overdue += quantity
    }
    return { ...product, overdue }
  }

  return {
    wallet: async (userId) => ({ now: now(), found: wallets.get(userId) }),
    entries: async ({ userId, limit, before = Number.POSITIVE_INFINITY }) =>
      [...entries.values()]
        .filter((entry) => entry.userId === userId && entry.sequence < before)
        .sort((a, b) => b.sequence - a.sequence)
        .slice(0, limit),
    allEntries: async (query) => {
      const matching = [...entries.values()].filter(
        ({ kind, reference }) =>
          (query.kind === undefined || kind === query.kind) &&
          (query.reference === undefined || reference === query.reference),
      )
      return list(matching, query, ({ at, entryId }) => ({ at, id: entryId }))
    },
    walletsWithEndedLots: async ({ limit }) => {
      const at = now()
      return [...wallets.values()]
        .flatMap(({ userId, lots }) => {
          const first = lots?.[0]
          return first && hasEnded(first, at) ? [{ userId, endedAt: first.expiresAt ?? at }] : []
        })
        .sort((a, b) => a.endedAt - b.endedAt || (a.userId < b.userId ? -1 : 1))
        .slice(0, limit)
        .map(({ userId }) => userId)
    },
    product: async (productId) => {
      const product = products.get(productId)
      return { now: now(), found: product && reading(product) }
    },
    productsWithIds: async (productIds) => ({
      now: now(),
      found: productIds.flatMap((productId) => products.get(productId) ?? []).map(reading),
    }),
    drops: async ({ limit }) => {
      const at = now()
      const drops = [...products.values()].filter((product) => isDrop(product, at))
      drops.sort((a, b) => (a.opensAt ?? -1) - (b.opensAt ?? -1) || (a.productId < b.productId ? -1 : 1))
      return { now: at, found: drops.slice(0, limit).map(reading) }
    },
    products: async ({ offset, limit, keyword = '', includeUnlisted = false }) => {
      const matching = [...products.values()].filter(
        ({ listed, name }) => (listed || includeUnlisted) && foldName(name).includes(keyword),
      )
      matching.sort((a, b) => b.createdAt - a.createdAt || (a.productId < b.productId ? -1 : 1))
      return { now: now(), found: matching.slice(offset, offset + limit).map(reading), total: matching.length }
    },
    ranking: async () => {
      const ranking = rankings.get('popular')
      const shown = (ranking?.products ?? []).flatMap(({ productId }) => products.get(productId) ?? [])
      return { now: now(), found: { ranking, products: shown.map(reading) } }
    },
    coupon: async (couponId) => coupons.get(couponId),
    coupons: async (query) =>
      list(coupons.values(), query, ({ createdAt, couponId }) => ({ at: createdAt, id: couponId })),
    claimableCoupons: async (query) => {
      const at = now()
      const claimable = [...coupons.values()].filter((coupon) => coupon.code === null && isClaimable(coupon, at))
      return list(claimable, query, ({ createdAt, couponId }) => ({ at: createdAt, id: couponId }))
    },
    couponsOf: async (query) => {
      const own = [...issuedCoupons.values()].filter(({ userId }) => userId === query.userId)
      const shown = list(own, query, ({ issuedAt, couponId }) => ({ at: issuedAt, id: couponId }))
      const found = shown.flatMap((issued) => {
        const coupon = coupons.get(issued.couponId)
        return coupon ? [{ issued, coupon }] : []
      })
      return { now: now(), found }
    },
    order: async (orderId) => ({ now: now(), found: orders.get(orderId) }),
    orders: async (query) => {
      const at = now()
      const matching = [...orders.values()].filter(
        (order) =>
          (query.userId === undefined || order.userId === query.userId) &&
          (query.status === undefined || statusAt(order, at) === query.status) &&
          (query.reference === undefined || order.reference === query.reference),
      )
      return { now: at, found: list(matching, query, ({ createdAt, orderId }) => ({ at: createdAt, id: orderId })) }
    },
    payment: async (paymentId) => {
      const order = [...orders.values()].find((each) => each.paymentId === paymentId)
      const entry = [...entries.values()].find(({ kind, orderId }) => kind === 'payment' && orderId === order?.orderId)
      return { now: now(), found: order && entry && { order, balance: entry.balance } }
    },
    events: async (query) => {
      const matching = [...events.values()].filter(
        ({ status }) => query.status === undefined || status === query.status,
      )
      return list(matching, query, ({ at, eventId }) => ({ at, id: eventId }))
    },
    historyLosses: async (query) => {
      const matching = [...historyLosses.values()].filter(
        ({ acknowledgedAt }) => !query.open || acknowledgedAt === null,
      )
      return list(matching, query, ({ detectedAt, lossId }) => ({ at: detectedAt, id: lossId }))
    },
    eventCounts: async () => {
      const all = [...events.values()]
      const count = (status: string) => all.filter((event) => event.status === status).length
      const pending = all.filter(({ status }) => status === 'pending').map(({ at }) => at)
      return {
        pending: count('pending'),
        sent: count('sent'),
        dead: count('dead'),
        oldestPendingAt: pending.length > 0 ? Math.min(...pending) : null,
      }
    },
    overdueOrders: async ({ limit }) => {
      const at = now()
      return [...orders.values()]
        .filter((order) => isOverdue(order, at))
        .sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || (a.orderId < b.orderId ? -1 : 1))
        .slice(0, limit)
        .map(({ orderId }) => orderId)
    },
  }
}
