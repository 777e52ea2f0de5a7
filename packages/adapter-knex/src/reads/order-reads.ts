import { type OrderStatus, orderStatuses } from '@shop/core'
import type { Order, Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { hasPassed, isOverdue } from '../database/rules.js'
import { prepared, storeTime, withClock } from '../database/statement.js'
import { orders } from '../rows/row-maps.js'
import { oneOf, type PageKey, page, pageKey, pageValues, rowCount, variants } from './read.js'

type OrderReads = Pick<Reads, 'order' | 'orders' | 'payment' | 'overdueOrders'>

/** Conditions for the stored orders that have a status at this time. If there are two, no order meets both. */
const byClock = (status: OrderStatus | 'any'): readonly string[] => {
  if (status === 'any') return ['true']
  if (status === 'pending') return [`o.status = 'pending' and not ${hasPassed('o.expires_at', storeTime)}`]
  if (status !== 'expired') return [`o.status = '${status}'`]
  return [`o.status = 'expired'`, isOverdue('o', storeTime)]
}

type Wanted = 'all' | 'referenced'

type ListKey = `${'everybody' | 'user'} ${OrderStatus | 'any'} ${Wanted} ${PageKey}`

/** Where a list finds its orders, and in which columns their user, time and id are. */
interface Source {
  readonly from: (names: Database['names']) => string
  readonly user: string
  readonly time: string
  readonly id: string
  readonly condition: string
}

const sources: Readonly<Record<Wanted, Source>> = {
  all: {
    from: (names) => `${names.orders} o`,
    user: 'o.user_id',
    time: 'o.created_at',
    id: 'o.order_id',
    condition: '$6::text is null',
  },
  // A reference is stored at the time of its order. It has an index by that time, because many users may choose the same.
  referenced: {
    from: (names) => `${names.permanent_references} r join ${names.orders} o on o.order_id = r.subject_id`,
    user: 'r.owner',
    time: 'r.at',
    id: 'r.subject_id',
    condition: `r.kind = 'order' and r.reference = $6::text`,
  },
}

/** `scan` runs queries that may scan a whole table. */
export const orderReads = ({ names, query, now }: Database, scan: Database['query']): OrderReads => {
  const one = prepared(
    `${withClock} select clock.now, ${orders.list('o')} from clock left join ${names.orders} o on o.order_id = $2`,
  )
  const paid = prepared(
    `${withClock} select clock.now, e.balance, ${orders.list('o')} from clock left join (
       ${names.orders} o join ${names.wallet_entries} e on e.order_id = o.order_id and e.kind = 'payment'
     ) on o.payment_id = $2`,
  )
  const overdue = prepared(
    `${withClock} select o.order_id from ${names.orders} o
     where ${isOverdue('o', storeTime)}
     order by o.expires_at, o.order_id limit $2::bigint`,
  )
  /** `$2` is the user, or null for all users; the page follows, and `$6` is the reference, or null for any. */
  const list = variants((key: ListKey) => {
    const [whose, status, wanted, which] = key.split(' ') as [
      'everybody' | 'user',
      OrderStatus | 'any',
      Wanted,
      PageKey,
    ]
    const { from, user, time, id, condition: chosen } = sources[wanted]
    const owner = whose === 'user' ? `${user} = $2::text` : '$2::text is null'
    const pages = byClock(status).map(
      (condition) => `(select o.* from ${from(names)} where ${owner} and ${chosen} and ${condition}
    ${page({ time, id, first: 3, isFirst: which === 'first' })})`,
    )
    return `${withClock}
select clock.now, ${orders.list('o')}
from clock left join lateral (
  select each.* from (${pages.join(' union all ')}) each
  order by each.created_at desc, each.order_id desc limit $5::bigint
) o on true
order by o.created_at desc, o.order_id desc`
  })
  return {
    async order(orderId) {
      const [row = []] = await query(one, [now(), orderId])
      return { now: Number(row[0]), found: orders.readFound(row, 1) }
    },
    async orders({ userId, status, reference, ...place }) {
      const whose = userId === undefined ? 'everybody' : 'user'
      const wanted = reference === undefined ? 'all' : 'referenced'
      const statement = list(`${whose} ${oneOf(orderStatuses, status)} ${wanted} ${pageKey(place)}`)
      // For a rare status, the query may have to scan all orders of the user, or of everybody.
      const ask = status === undefined ? query : scan
      const rows = await ask(statement, [now(), userId ?? null, ...pageValues(place), reference ?? null])
      const found = rows
        .map((row): Order | undefined => orders.readFound(row, 1))
        .filter((order) => order !== undefined)
      return { now: Number(rows[0]?.[0]), found }
    },
    async payment(paymentId) {
      const [row = []] = await query(paid, [now(), paymentId])
      const order = orders.readFound(row, 2)
      return { now: Number(row[0]), found: order && { order, balance: Number(row[1]) } }
    },
    overdueOrders: async ({ limit }) =>
      (await query(overdue, [now(), rowCount(limit)])).map(([orderId]) => orderId as string),
  }
}
