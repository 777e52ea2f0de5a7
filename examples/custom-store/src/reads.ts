import type { Product, Rows, TableName } from '@shop/core/commands'
import type { ListQuery, ProductReading, Reads } from '@shop/core/store'
import { firstLotEnd, hasPassed, isClaimable, isDrop, isOverdue, statusAt } from './rules.js'
import { all, among, type Database, each, find, type Run } from './transaction.js'

type Value = string | number

const one = <T extends TableName>(db: Database, table: T, key: string): Rows[T] | undefined =>
  find(db, table, 'where key = ?', key)[0]

/**
 * Newest first, after the position `after`. The second column of `by` breaks ties. A condition without a value
 * is omitted.
 */
const list = <T extends TableName>(
  db: Database,
  [table, at, id]: readonly [table: T, ...by: [at: string, id: string]],
  { limit, after }: ListQuery,
  ...wanted: readonly (readonly [condition: string, ...values: (Value | undefined)[]])[]
): Rows[T][] => {
  const behind = [`(${at}, ${id}) < (?, ?)`, after?.at, after?.id] as const
  const conditions = [...wanted, behind].filter(([, ...values]) => !values.includes(undefined))
  const where = ['true', ...conditions.map(([text]) => text)].join(' and ')
  const values = conditions.flatMap(([, ...own]) => own as Value[])
  return find(db, table, `where ${where} order by ${at} desc, ${id} desc limit ?`, ...values, limit)
}

const couponList = ['coupons', 'createdAt', 'couponId'] as const
const statusIs = `${statusAt} = ?`

/** Products, with the overdue part of their holds. */
const products = (db: Database, now: number, rest: string, ...values: Value[]): ProductReading[] => {
  const overdue = `select coalesce(sum(quantity), 0) from holds where productId = products.key and ${hasPassed('expiresAt')}`
  const sql = `select data, (${overdue}) as overdue from products where ${rest}`
  const found = all<{ data: string; overdue: number }>(db, sql, now, ...values)
  return found.map(({ data, overdue: units }) => ({ ...(JSON.parse(data) as Product), overdue: units }))
}

const counts = `
  select count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'sent') as sent,
    count(*) filter (where status = 'dead') as dead, min(at) filter (where status = 'pending') as oldestPendingAt
  from events`

export const reads = (run: Run): Reads =>
  each<Reads>(run, (db, now) => ({
    wallet: (userId) => ({ now, found: one(db, 'wallets', userId) }),
    entries: ({ userId, limit, before = Number.MAX_SAFE_INTEGER }) =>
      find(db, 'entries', 'where userId = ? and sequence < ? order by sequence desc limit ?', userId, before, limit),
    allEntries: ({ kind, reference, ...query }) =>
      list(db, ['entries', 'at', 'entryId'], query, ['kind = ?', kind], ['reference = ?', reference]),
    walletsWithEndedLots: ({ limit }) => {
      const rest = `where ${hasPassed(firstLotEnd)} order by ${firstLotEnd}, key limit ?`
      return find(db, 'wallets', rest, now, limit).map(({ userId }) => userId)
    },
    product: (productId) => ({ now, found: products(db, now, 'key = ?', productId)[0] }),
    productsWithIds: (ids) => ({ now, found: products(db, now, `key ${among}`, JSON.stringify(ids)) }),
    drops: ({ limit }) => ({ now, found: products(db, now, `${isDrop} order by opensAt, key limit ?`, now, limit) }),
    products: ({ offset, limit, keyword = '', includeUnlisted = false }) => {
      const matching = `${includeUnlisted ? 'true' : 'listed'} and instr(fold(name), ?) > 0`
      const page = `${matching} order by createdAt desc, key limit ? offset ?`
      const total = all(db, `select 1 from products where ${matching}`, keyword).length
      return { now, found: products(db, now, page, keyword, limit, offset), total }
    },
    ranking: () => {
      const ranking = one(db, 'rankings', 'popular')
      const ids = JSON.stringify(ranking?.products.map(({ productId }) => productId) ?? [])
      return { now, found: { ranking, products: products(db, now, `key ${among}`, ids) } }
    },
    coupon: (couponId) => one(db, 'coupons', couponId),
    coupons: (query) => list(db, couponList, query),
    claimableCoupons: (query) => list(db, couponList, query, ['code is null'], [isClaimable, now, now]),
    couponsOf: (query) => {
      const own = list(db, ['issuedCoupons', 'issuedAt', 'couponId'], query, ['userId = ?', query.userId])
      const pairs = own.map((issued) => ({ issued, coupon: one(db, 'coupons', issued.couponId) }))
      return { now, found: pairs as { issued: Rows['issuedCoupons']; coupon: Rows['coupons'] }[] }
    },
    order: (orderId) => ({ now, found: one(db, 'orders', orderId) }),
    orders: ({ userId, status, reference, ...query }) => {
      const own = ['userId = ?', userId] as const
      const by = ['orders', 'createdAt', 'orderId'] as const
      return { now, found: list(db, by, query, own, [statusIs, now, status], ['reference = ?', reference]) }
    },
    payment: (paymentId) => {
      const [order] = find(db, 'orders', 'where paymentId = ?', paymentId)
      const [entry] = order ? find(db, 'entries', `where orderId = ? and kind = 'payment'`, order.orderId) : []
      return { now, found: order && entry && { order, balance: entry.balance } }
    },
    events: (query) => list(db, ['events', 'at', 'eventId'], query, ['status = ?', query.status]),
    historyLosses: ({ open, ...query }) =>
      list(db, ['historyLosses', 'detectedAt', 'lossId'], query, [
        '(acknowledgedAt is null) = ?',
        open ? 1 : undefined,
      ]),
    eventCounts: () => all<Awaited<ReturnType<Reads['eventCounts']>>>(db, counts)[0] as never,
    overdueOrders: ({ limit }) => {
      const rest = `where ${isOverdue} order by expiresAt, key limit ?`
      return find(db, 'orders', rest, now, limit).map(({ orderId }) => orderId)
    },
  }))
