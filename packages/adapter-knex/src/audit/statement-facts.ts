import type { EntryKind, Movements, Order } from '@shop/core/store'
import type { Names } from '../database/names.js'
import { hasPassed } from '../database/rules.js'
import type { QueryResult } from '../database/session.js'
import { toInstant } from '../database/statement.js'
import { orders } from '../rows/row-maps.js'
import { refundEntry, refundOfAll } from '../upkeep/record-refunds.js'
import type { FactList } from './facts.js'

const from = toInstant('$1::bigint')
const until = toInstant('$2::bigint')
const now = toInstant('$3::bigint')

/**
 * For each kind, what moved since the beginning of the range, and what of it in the range. A row without a kind has the sum
 * of all balances. Stored balances contain lots that have ended: these count as an expiry at their end. The parameters are
 * the range and the moment of the snapshot.
 */
export const movementsIn = (names: Names): string => `with ended as materialized (
  select (lot ->> 'amount')::bigint as amount, ${toInstant(`(lot ->> 'expiresAt')::bigint`)} as at
  from ${names.wallets} w cross join jsonb_array_elements(w.lots) lot
  where ${hasPassed('w.next_lot_end', now)} and (lot ->> 'expiresAt')::bigint <= $3::bigint
),
moved as (
  select kind, amount, at from ${names.wallet_entries} where at >= ${from}
  union all select 'expiry', -amount, at from ended where at >= ${from}
)
select null, (select coalesce(sum(balance), 0) from ${names.wallets}) - (select coalesce(sum(amount), 0) from ended), 0
union all
select kind, sum(amount), coalesce(sum(amount) filter (where at < ${until}), 0) from moved group by kind`

export const readMovements = (rows: QueryResult['rows']): Movements => {
  let opening = 0n
  const movements: Movements['movements'][number][] = []
  for (const [kind, since, inRange] of rows) {
    const amount = BigInt(since as string)
    opening += kind === null ? amount : -amount
    if (kind !== null) movements.push({ kind: kind as EntryKind, amount: Number(inRange) })
  }
  return { opening: Number(opening), movements }
}

const isIn = (time: string): string => `${time} >= ${from} and ${time} < ${until}`

/** Entries find the orders by time. A refund without a record is read from its entry. */
export const movedOrders: FactList<Order> = {
  cursor: 'moved_orders',
  sql: (names) => `select ${orders.list('o')},
  case when o.status = 'refunded' and o.refunds is null then ${refundEntry(names.wallet_entries, 'o.order_id')} end
from (
  select distinct order_id from ${names.wallet_entries} where kind in ('payment', 'refund') and ${isIn('at')}
) moved join ${names.orders} o using (order_id)`,
  read(raw) {
    const order = orders.read(raw)
    const entry = raw[orders.width]
    if (!entry) return order
    const refund = refundOfAll(order, entry)
    return { ...order, refunds: [refund], refundedAmount: refund.amount }
  },
}
