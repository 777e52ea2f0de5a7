import {
  type AuditSnapshot,
  entryKinds,
  type HistoryLoss,
  type Order,
  type OrderFacts,
  refundsOf,
} from '@shop/core/store'
import { hasPassed } from './rules.js'
import { all, type Database } from './transaction.js'

/** The rows that match a condition, as one JSON list. */
const those = (table: string, where: string, by = 'key') =>
  `(select json_group_array(json(data) order by ${by}) from ${table} where ${where})`

/** The sequence of the wallet's first (`min`) or last (`max`) entry that moved lots. */
const lotEntry = (end: 'min' | 'max') =>
  `(select ${end}(sequence) from entries where userId = wallets.key and lots is not null)`

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
      coalesce(sum(balance <> before + amount or sequence <> previous + 1), 0) as brokenLinks,
      ${those('entries', `userId = wallets.key and sequence between ${lotEntry('min')} and ${lotEntry('max')}`, 'sequence')}
        as bonusHistory
    from wallets left join chain on chain.userId = wallets.key group by wallets.key`,
  product: `
    with line as (
      select each.value as line, 1 as sign from orders, json_each(data, '$.lines') as each where status = 'paid'
      union all
      select each.value, -1 from orders, json_each(data, '$.refunds') as refund, json_each(refund.value, '$.lines') as each
      where status = 'paid'
    ), paid as (select line->>'productId' as productId, sum(sign * (line->>'quantity')) as units from line group by 1)
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
    select data, ${those('entries', 'orderId = orders.key', 'sequence')} as entries,
      ${those('holds', 'orderId = orders.key')} as holds,
      ${those('events', `subject = 'order' and subjectId = orders.key`, 'sequence')} as events
    from orders`,
  purchase: `
    select json_quote(userId) as userId, json_quote(line.value->>'productId') as productId, json_group_array(json_object(
      'orderId', orderId, 'status', status, 'createdAt', createdAt, 'expiresAt', expiresAt,
      'purchaseLimit', line.value->>'purchaseLimit', 'units', (line.value->>'quantity') - (
        select coalesce(sum(part.value->>'quantity'), 0)
        from json_each(data, '$.refunds') as refund, json_each(refund.value, '$.lines') as part
        where part.value->>'productId' = line.value->>'productId'
      )
    )) as orders
    from orders, json_each(data, '$.lines') as line where status in ('pending', 'paid')
    group by userId, line.value->>'productId' having max(line.value->>'purchaseLimit') is not null`,
  reference: `
    with use as (
      select kind, owner, reference, data as stored, null as carrier from "references"
      union all
      select kind, '', reference, null, json_object('userId', userId, 'id', entryId, 'entry', sequence)
      from entries where reference is not null
      union all
      select 'order', userId, reference, null, json_object('userId', userId, 'id', orderId, 'entry', null)
      from orders where reference is not null
    )
    select json_object('kind', kind, 'owner', owner, 'reference', reference) as key, max(stored) as stored,
      json_group_array(json(carrier)) filter (where carrier is not null) as carriers
    from use group by reference, kind, owner`,
}

/** What moved balances: entries, and lots whose end is not recorded. `?` is now. */
const moved = `
  select kind, at, amount from entries
  union all
  select 'expiry', lot.value->>'expiresAt', -(lot.value->>'amount')
  from wallets, json_each(data, '$.lots') as lot where ${hasPassed(`lot.value->>'expiresAt'`)}`

const missing = (parent: string, id: string) => `${id} not in (select key from ${parent})`

/** Rows that must have a parent: the table, and the condition of a row without one. */
const orphans = {
  entries: missing('wallets', 'userId'),
  holds: `${missing('orders', 'orderId')} or ${missing('products', 'productId')}`,
  events: `subject = 'order' and ${missing('orders', 'subjectId')}`,
  issuedCoupons: missing('coupons', 'couponId'),
  sales: missing('products', 'productId'),
}

const sum = (rows: readonly { readonly amount: number }[]) => rows.reduce((total, { amount }) => total + amount, 0)

async function* each<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list
}

/** Computes everything in one transaction: an open snapshot would block every writer. */
export const snapshot = (db: Database, now: number): AuditSnapshot => {
  const find = <T>(name: keyof typeof facts): readonly T[] =>
    all<Record<string, string | number | null>>(db, facts[name]).map(({ data, ...others }) => {
      const known = Object.entries({ [name]: data, ...others }).filter(([, value]) => value != null)
      return Object.fromEntries(known.map(([key, value]) => [key, JSON.parse(String(value))])) as T
    })
  const look = <T>(name: keyof typeof facts): (() => AsyncIterable<T>) => {
    const found = find<T>(name)
    return () => each(found)
  }
  const orders = find<OrderFacts>('order')
  const movements = all<{ kind: string; at: number; amount: number }>(db, moved, now)
  const losses = all<{ data: string }>(db, 'select data from historyLosses').map(
    ({ data }): HistoryLoss => JSON.parse(data),
  )
  const strays = Object.entries(orphans).map(([table, condition]) => {
    const found = all<{ orderId: string; productId: string }>(db, `select * from ${table} where ${condition}`)
    return { table, count: found.length, ...(table === 'holds' && { holds: found.slice(0, 100) }) }
  })
  return {
    now,
    wallets: look('wallet'),
    products: look('product'),
    coupons: look('coupon'),
    issuedCoupons: look('issued'),
    orders: () => each(orders),
    purchases: look('purchase'),
    references: look('reference'),
    historyLosses: () => each(losses),
    orphans: async () => strays,
    movements: async ({ from, until }) => {
      const inside = movements.filter(({ at }) => from <= at && at < until)
      return {
        opening: sum(movements.filter(({ at }) => at < from)),
        movements: entryKinds.map((kind) => ({ kind, amount: sum(inside.filter((each) => each.kind === kind)) })),
      }
    },
    orderMovements: ({ from, until }) => {
      const timesOf = (order: Order) => [order.paidAt ?? Number.NaN, ...refundsOf(order).map(({ at }) => at)]
      const all = orders.map(({ order }) => order)
      return each(all.filter((order) => timesOf(order).some((at) => from <= at && at < until)))
    },
    close: async () => {},
  }
}
