import type { PurchasedLine, PurchaseFacts } from '@shop/core/store'
import { fromInstant } from '../database/statement.js'
import type { FactList } from './facts.js'

const isCounted = `o.status in ('pending', 'paid')`

/** One look at each order finds the pairs with a limit. Only their users' orders are taken apart. */
export const purchaseFacts: FactList<PurchaseFacts> = {
  cursor: 'audit_purchases',
  sql: (names) => `with limited as materialized (
  select distinct o.user_id, line ->> 'productId' as product_id
  from ${names.orders} o cross join jsonb_array_elements(o.lines) line
  where ${isCounted} and jsonb_path_exists(o.lines, '$[*].purchaseLimit') and line ? 'purchaseLimit'
)
select user_id, product_id, json_agg(
  json_build_array(
    o.order_id, o.status, ${fromInstant('o.created_at')}, ${fromInstant('o.expires_at')},
    (line ->> 'quantity')::bigint - (
      select coalesce(sum((each ->> 'quantity')::bigint), 0)
      from jsonb_array_elements(o.refunds) refund cross join jsonb_array_elements(refund -> 'lines') each
      where each ->> 'productId' = product_id
    ),
    (line ->> 'purchaseLimit')::bigint
  ) order by o.order_id
)
from limited join ${names.orders} o using (user_id) cross join jsonb_array_elements(o.lines) line
where ${isCounted} and line ->> 'productId' = product_id
group by user_id, product_id`,
  read: ([userId, productId, orders]) => ({
    userId: String(userId),
    productId: String(productId),
    orders: (JSON.parse(orders ?? '[]') as (readonly unknown[])[]).map(
      ([orderId, status, createdAt, expiresAt, units, purchaseLimit]) =>
        ({ orderId, status, createdAt, expiresAt, units, purchaseLimit }) as PurchasedLine,
    ),
  }),
}
