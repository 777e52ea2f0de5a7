import { type Database, query } from './postgres.js'
import { productCount } from './seed.js'

interface Past {
  readonly orders: number
  readonly users: number
  /** The time of all steps: an order and its entries must agree on it. */
  readonly at: string
}

/**
 * Generates paid orders of three lines, numbered from 0, with their user, the user's earlier orders and their
 * first product.
 */
const past = ({ orders, users, at }: Past): string => `(
  select number, 'user-' || lpad((1 + number % ${users})::text, 6, '0') as user_id, number / ${users} as before,
    1 + number * 7 % ${productCount - 2} as product,
    timestamptz '${at}' - interval '60 days' + number * interval '1 second' as at
  from generate_series(0, ${orders}::bigint - 1) number
) o`

const product = (offset: number): string => `'product-' || lpad((o.product + ${offset})::text, 4, '0')`

const line = (offset: number): string =>
  `jsonb_build_object('productId', ${product(offset)}, 'name', 'Product', 'unitPrice', 1000, 'quantity', 1, 'amount', 1000)`

/** Four charges of 1,000 and one payment of 3,000 per order. */
const entries = (all: Past): string => `
insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, order_id, at)
select o.user_id, 1 + o.before * 5 + each, 'past-entry-' || o.number || '-' || each,
  case when each < 5 then 'charge' else 'payment' end, case when each < 5 then 1000 else -3000 end,
  100000000000 + o.before * 1000 + case when each < 5 then each * 1000 else 1000 end,
  case when each = 5 then 'past-order-' || o.number end, o.at
from ${past(all)}, generate_series(1, 5) each`

const steps = (all: Past): readonly string[] => [
  `insert into shop.orders (order_id, user_id, status, lines, dropped_lines, coupon_id, total_amount, discount_amount,
     final_amount, stock_taken_at, coupon_consumed_at, created_at, expires_at, paid_at, payment_id, events)
   select 'past-order-' || o.number, o.user_id, 'paid', jsonb_build_array(${[0, 1, 2].map(line).join(', ')}), '[]', null,
     3000, 0, 3000, 'order', 'order', o.at, null, o.at, 'past-payment-' || o.number, 1
   from ${past(all)}`,
  entries(all),
  `update shop.wallets w set balance = balance + 1000 * paid.orders, entries = entries + 5 * paid.orders
   from (select user_id, count(*) as orders from ${past(all)} group by 1) paid where w.user_id = paid.user_id`,
  `insert into shop.daily_sales (time_zone, day, product_id, sold)
   select 'Asia/Seoul', (o.at at time zone 'Asia/Seoul')::date, 'product-' || lpad((o.product + each)::text, 4, '0'), count(*)
   from ${past(all)}, generate_series(0, 2) each group by 2, 3`,
  `update shop.products p set supplied = supplied + past.sold
   from (select product_id, sum(sold) as sold from shop.daily_sales group by 1) past where p.product_id = past.product_id`,
  `insert into shop.issued_coupons (coupon_id, user_id, issued_at)
   select 'coupon-1', 'past-user-' || number, now() from generate_series(1, ${all.orders}::bigint) number`,
  `update shop.coupons set issued = issued + ${all.orders} where coupon_id = 'coupon-1'`,
  'vacuum analyze',
  'checkpoint',
]

/** Fills a database with history: paid orders, five wallet entries each, and as many copies of the hot coupon. */
export const fillPast = async ({ url }: Database, { orders, users }: Omit<Past, 'at'>): Promise<void> => {
  const at = new Date().toISOString()
  for (const step of steps({ orders, users, at })) await query(url, step)
}
