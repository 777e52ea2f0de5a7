import { hasEnded } from '../model/lot.js'
import { type Order, refundsOf } from '../model/order.js'
import { isStored } from '../model/reference.js'
import { everythingLeft } from '../model/refund.js'
import { entryKinds, type WalletEntry } from '../model/wallet.js'
import type { Instant } from '../shared/instant.js'
import type { AuditSnapshot, Movements, PurchaseFacts, ReferenceFacts, TimeRange } from '../store/audit-snapshot.js'
import type { Rows } from '../store/rows.js'
import { rowKey } from '../store/schema.js'
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

/** From the first to the last entry that moved lots. */
const bonusHistory = (entries: readonly WalletEntry[]): readonly WalletEntry[] => {
  const moved = entries.map(({ lots }) => lots !== null)
  return moved.includes(true) ? entries.slice(moved.indexOf(true), moved.lastIndexOf(true) + 1) : []
}

/** The reference that an entry carries, by the kinds that can. */
const kindOfEntry: Readonly<Partial<Record<WalletEntry['kind'], ReferenceFacts['key']['kind']>>> = {
  charge: 'charge',
  grant: 'grant',
  withdrawal: 'withdrawal',
  adjustment: 'adjustment',
  opening: 'opening',
  refund: 'refund',
}

/** The rows of some tables at the moment of the snapshot: rows are replaced, never changed. */
type RowsOf<T extends keyof Data['tables']> = { readonly [N in T]: readonly Rows[N][] }

const referenceFacts = ({
  references,
  entries,
  orders,
}: RowsOf<'references' | 'entries' | 'orders'>): readonly ReferenceFacts[] => {
  const stored = new Map(references.map((row) => [rowKey.references(row), row]))
  const facts = new Map<string, ReferenceFacts & { readonly carriers: ReferenceFacts['carriers'][number][] }>()
  const factsOf = (key: ReferenceFacts['key']) => {
    const text = `${key.reference} ${key.kind} ${key.owner}`
    const own = isStored(key) ? stored.get(rowKey.references(key)) : undefined
    const found = facts.get(text) ?? { key, stored: own, carriers: [] }
    facts.set(text, found)
    return found
  }
  for (const { kind, owner, reference } of references) factsOf({ kind, owner, reference })
  for (const { kind, reference, userId, entryId, sequence } of entries) {
    const referenced = kindOfEntry[kind]
    if (reference === null || referenced === undefined) continue
    factsOf({ kind: referenced, owner: '', reference }).carriers.push({ userId, id: entryId, entry: sequence })
  }
  for (const { reference, userId, orderId } of orders) {
    if (reference === null) continue
    factsOf({ kind: 'order', owner: userId, reference }).carriers.push({ userId, id: orderId, entry: null })
  }
  return [...facts.values()]
}

const purchaseFacts = (orders: readonly Order[]): readonly PurchaseFacts[] => {
  const facts = new Map<string, PurchaseFacts & { readonly orders: PurchaseFacts['orders'][number][] }>()
  for (const order of orders) {
    const { userId, orderId, status, createdAt, expiresAt } = order
    if (status !== 'pending' && status !== 'paid') continue
    const left = new Map(everythingLeft(order).map(({ productId, quantity }) => [productId, quantity]))
    for (const { productId, purchaseLimit = null } of order.lines) {
      const key = `${userId} ${productId}`
      const found = facts.get(key) ?? { userId, productId, orders: [] }
      const units = left.get(productId) ?? 0
      found.orders.push({ orderId, status, createdAt, expiresAt, units, purchaseLimit })
      facts.set(key, found)
    }
  }
  return [...facts.values()].filter((each) => each.orders.some(({ purchaseLimit }) => purchaseLimit !== null))
}

const isIn = ({ from, until }: TimeRange, at: Instant): boolean => from <= at && at < until

const movements = ({ entries, wallets }: RowsOf<'entries' | 'wallets'>, range: TimeRange, now: Instant): Movements => {
  const moved = [
    ...entries,
    ...wallets.flatMap(({ lots }) =>
      (lots ?? [])
        .filter((lot) => hasEnded(lot, now))
        .map(({ amount, expiresAt }) => ({ kind: 'expiry' as const, amount: -amount, at: expiresAt ?? now })),
    ),
  ]
  return {
    opening: sum(moved.filter(({ at }) => at < range.from).map(({ amount }) => amount)),
    movements: entryKinds.map((kind) => ({
      kind,
      amount: sum(moved.filter((each) => each.kind === kind && isIn(range, each.at)).map(({ amount }) => amount)),
    })),
  }
}

const movedIn = (range: TimeRange, order: Order): boolean =>
  (order.paidAt !== null && isIn(range, order.paidAt)) || refundsOf(order).some(({ at }) => isIn(range, at))

export const inMemoryAudit = (data: Data, now: Instant): AuditSnapshot => {
  const { tables, sales, salesZone } = data
  const rows = {
    wallets: [...tables.wallets.values()],
    products: [...tables.products.values()],
    coupons: [...tables.coupons.values()],
    issuedCoupons: [...tables.issuedCoupons.values()],
    orders: [...tables.orders.values()],
    entries: [...tables.entries.values()].sort((a, b) => a.sequence - b.sequence),
    holds: [...tables.holds.values()],
    references: [...tables.references.values()],
    historyLosses: [...tables.historyLosses.values()],
    events: [...tables.events.values()]
      .filter(({ subject }) => subject === 'order')
      .sort((a, b) => a.sequence - b.sequence),
  }
  const zone = salesZone ?? [...sales.values()][0]?.timeZone
  const daily = [...sales.values()].filter(({ timeZone }) => timeZone === zone)
  const entriesOf = groupBy(rows.entries, ({ userId }) => userId)
  const entriesOn = groupBy(rows.entries, ({ orderId }) => orderId ?? '')
  const holdsOf = groupBy(rows.holds, ({ productId }) => productId)
  const holdsOn = groupBy(rows.holds, ({ orderId }) => orderId)
  const dailyOf = groupBy(daily, ({ productId }) => productId)
  const copiesOf = groupBy(rows.issuedCoupons, ({ couponId }) => couponId)
  const eventsOn = groupBy(rows.events, ({ subjectId }) => subjectId)
  const ordersWith = groupBy(
    rows.orders.filter(({ couponId, status }) => couponId !== null && (status === 'pending' || status === 'paid')),
    ({ couponId, userId }) => `${couponId} ${userId}`,
  )
  const soldLines = groupBy(
    rows.orders.filter(({ status }) => status === 'paid').flatMap(everythingLeft),
    ({ productId }) => productId,
  )

  const strayHolds = rows.holds.filter(
    ({ orderId, productId }) => !tables.orders.has(orderId) || !tables.products.has(productId),
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
          bonusHistory: bonusHistory(own),
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
        entries: entriesOn(order.orderId),
        holds: holdsOn(order.orderId),
        events: eventsOn(order.orderId),
      })),
    purchases: () => each(purchaseFacts(rows.orders), (facts) => facts),
    references: () => each(referenceFacts(rows), (facts) => facts),
    historyLosses: () => each(rows.historyLosses, (loss) => loss),
    orphans: async () => [
      { table: 'entries', count: rows.entries.filter(({ userId }) => !tables.wallets.has(userId)).length },
      { table: 'holds', count: strayHolds.length, holds: strayHolds.slice(0, 100) },
      { table: 'events', count: rows.events.filter(({ subjectId }) => !tables.orders.has(subjectId)).length },
      {
        table: 'issuedCoupons',
        count: rows.issuedCoupons.filter(({ couponId }) => !tables.coupons.has(couponId)).length,
      },
      { table: 'sales', count: daily.filter(({ productId }) => !tables.products.has(productId)).length },
    ],
    movements: async (range) => movements(rows, range, now),
    orderMovements: (range) =>
      each(
        rows.orders.filter((order) => movedIn(range, order)),
        (order) => order,
      ),
    close: async () => {},
  }
}
