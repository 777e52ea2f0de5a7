import type { Instant } from '../shared/instant.js'
import type { AuditSnapshot } from '../store/audit-snapshot.js'
import type { Data } from './tables.js'

const groupBy = <Row>(rows: Iterable<Row>, key: (row: Row) => string): ((key: string) => readonly Row[]) => {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group) group.push(row)
    else groups.set(key(row), [row])
  }
  return (name) => groups.get(name) ?? []
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

async function* each<Row, Facts>(rows: readonly Row[], facts: (row: Row) => Facts): AsyncGenerator<Facts> {
  for (const row of rows) yield facts(row)
}

export const inMemoryAudit = ({ tables, sales, salesZone }: Data, now: Instant): AuditSnapshot => {
  const rows = {
    wallets: [...tables.wallets.values()],
    products: [...tables.products.values()],
    coupons: [...tables.coupons.values()],
    issuedCoupons: [...tables.issuedCoupons.values()],
    orders: [...tables.orders.values()],
    entries: [...tables.entries.values()].sort((a, b) => a.sequence - b.sequence),
    holds: [...tables.holds.values()],
    payments: [...tables.payments.values()],
    events: [...tables.events.values()].sort((a, b) => a.sequence - b.sequence),
  }
  const zone = salesZone ?? [...sales.values()][0]?.timeZone
  const daily = [...sales.values()].filter(({ timeZone }) => timeZone === zone)
  const entriesOf = groupBy(rows.entries, ({ userId }) => userId)
  const entriesOn = groupBy(rows.entries, ({ orderId }) => orderId ?? '')
  const holdsOf = groupBy(rows.holds, ({ productId }) => productId)
  const holdsOn = groupBy(rows.holds, ({ orderId }) => orderId)
  const dailyOf = groupBy(daily, ({ productId }) => productId)
  const copiesOf = groupBy(rows.issuedCoupons, ({ couponId }) => couponId)
  const paymentsOn = groupBy(rows.payments, ({ orderId }) => orderId)
  const eventsOn = groupBy(rows.events, ({ orderId }) => orderId)
  const ordersWith = groupBy(
    rows.orders.filter(({ couponId, status }) => couponId !== null && (status === 'pending' || status === 'paid')),
    ({ couponId, userId }) => `${couponId} ${userId}`,
  )
  const soldLines = groupBy(
    rows.orders.filter(({ status }) => status === 'paid').flatMap(({ lines }) => lines),
    ({ productId }) => productId,
  )

  return {
    now,
    wallets: () =>
      each(rows.wallets, (wallet) => {
        const own = entriesOf(wallet.userId)
        const broken = own.filter((entry, index) => {
          const before = own[index - 1]
          return (
            entry.balance !== (before?.balance ?? 0) + entry.amount || entry.sequence !== (before?.sequence ?? 0) + 1
          )
        })
        return {
          wallet,
          entryCount: own.length,
          entrySum: sum(own.map(({ amount }) => amount)),
          lastBalance: own.at(-1)?.balance ?? 0,
          lowestBalance: Math.min(0, ...own.map(({ balance }) => balance)),
          brokenLinks: broken.length,
        }
      }),
    products: () =>
      each(rows.products, (product) => ({
        product,
        holdSum: sum(holdsOf(product.productId).map(({ quantity }) => quantity)),
        paidSum: sum(soldLines(product.productId).map(({ quantity }) => quantity)),
        dailySum: sum(dailyOf(product.productId).map(({ sold }) => sold)),
      })),
    coupons: () =>
      each(rows.coupons, (coupon) => {
        const copies = copiesOf(coupon.couponId)
        return {
          coupon,
          issuedCount: copies.length,
          issuedEarly: copies.filter(({ issuedAt }) => issuedAt < coupon.validFrom).length,
        }
      }),
    issuedCoupons: () =>
      each(rows.issuedCoupons, (issued) => ({ issued, orders: ordersWith(`${issued.couponId} ${issued.userId}`) })),
    orders: () =>
      each(rows.orders, (order) => ({
        order,
        payments: paymentsOn(order.orderId),
        entries: entriesOn(order.orderId),
        holds: holdsOn(order.orderId),
        events: eventsOn(order.orderId),
      })),
    orphans: async () => [
      { table: 'entries', count: rows.entries.filter(({ userId }) => !tables.wallets.has(userId)).length },
      {
        table: 'holds',
        count: rows.holds.filter(
          ({ orderId, productId }) => !tables.orders.has(orderId) || !tables.products.has(productId),
        ).length,
      },
      { table: 'payments', count: rows.payments.filter(({ orderId }) => !tables.orders.has(orderId)).length },
      { table: 'events', count: rows.events.filter(({ orderId }) => !tables.orders.has(orderId)).length },
      {
        table: 'issuedCoupons',
        count: rows.issuedCoupons.filter(({ couponId }) => !tables.coupons.has(couponId)).length,
      },
      { table: 'sales', count: daily.filter(({ productId }) => !tables.products.has(productId)).length },
    ],
    close: async () => {},
  }
}
