import type { AuditSnapshot } from '@shop/core/store'
import { all, type Database } from './transaction.js'

/** The rows that match a condition, as one JSON list. */
const those = (table: string, where: string, by = 'key') =>
  `(select json_group_array(json(data) order by ${by}) from ${table} where ${where})`

/** Queries for every row and its facts, by the name in the snapshot. */
const facts = {
  wallet: `
    with chain as (
      select *, lag(balance, 1, 0) over own as before, lag(sequence, 1, 0) over own as previous
      from entries window own as (partition by userId order by sequence)
    )
    select wallets.data, count(sequence) as entryCount, coalesce(sum(amount), 0) as entrySum,
      coalesce((select balance from entries where userId = wallets.key order by sequence desc limit 1), 0) as lastBalance,
      min(coalesce(min(balance), 0), 0) as lowestBalance,
      coalesce(sum(balance <> before + amount or sequence <> previous + 1), 0) as brokenLinks
    from wallets left join chain on chain.userId = wallets.key group by wallets.key`,
  product: `
    with paid as (
      select line.value->>'productId' as productId, sum(line.value->>'quantity') as units
      from orders, json_each(data, '$.lines') as line where status = 'paid' group by 1
    )
    select data, (select coalesce(sum(quantity), 0) from holds where productId = products.key) as holdSum,
      coalesce((select units from paid where productId = products.key), 0) as paidSum,
      (select coalesce(sum(sold), 0) from sales where productId = products.key
        and timeZone = coalesce((select value from settings where name = 'salesZone'), timeZone)) as dailySum
    from products`,
  coupon: `
    select data, (select count(*) from issuedCoupons where couponId = coupons.key) as issuedCount,
      (select count(*) from issuedCoupons where couponId = coupons.key and issuedAt < validFrom) as issuedEarly
    from coupons`,
  issued: `
    select data, ${those('orders', `status in ('pending', 'paid') and userId = copy.userId and couponId = copy.couponId`)} as orders
    from issuedCoupons as copy`,
  order: `
    select data, ${those('payments', 'key = orders.key')} as payments, ${those('entries', 'orderId = orders.key')} as entries,
      ${those('holds', 'orderId = orders.key')} as holds, ${those('events', 'orderId = orders.key', 'sequence')} as events
    from orders`,
}

/** Rows that must have a parent: the table, the id of the parent, the parent's table. */
const children = [
  ['entries', 'userId', 'wallets'],
  ['holds', 'orderId', 'orders'],
  ['holds', 'productId', 'products'],
  ['payments', 'orderId', 'orders'],
  ['events', 'orderId', 'orders'],
  ['issuedCoupons', 'couponId', 'coupons'],
  ['sales', 'productId', 'products'],
] as const

async function* each<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list
}

/** Computes everything in one transaction: an open snapshot would block every writer. */
export const snapshot = (db: Database, now: number): AuditSnapshot => {
  const look = <T>(name: keyof typeof facts): (() => AsyncIterable<T>) => {
    const found = all<Record<string, string | number>>(db, facts[name]).map(({ data, ...others }) => {
      const values = Object.entries({ [name]: data, ...others })
      return Object.fromEntries(values.map(([key, value]) => [key, JSON.parse(String(value))])) as T
    })
    return () => each(found)
  }
  const orphans = children.map(([table, id, parent]) => {
    const found = all(db, `select 1 from ${table} where ${id} not in (select key from ${parent})`)
    return { table, count: found.length }
  })
  return {
    now,
    wallets: look('wallet'),
    products: look('product'),
    coupons: look('coupon'),
    issuedCoupons: look('issued'),
    orders: look('order'),
    orphans: async () => orphans,
    close: async () => {},
  }
}
