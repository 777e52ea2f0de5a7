import { query } from '../stage/postgres.js'
import { productCount } from '../stage/seed.js'

interface FillOptions {
  readonly orders: number
  readonly users: number
}

const price = 1_000
const firstBalance = 100_000_000
const zone = 'Asia/Seoul'

const user = (number: string): string => `'user-' || lpad((${number})::text, 6, '0')`
const product = (number: string): string => `'product-' || lpad((${number})::text, 4, '0')`

/**
 * Every order has two lines. Of 50 orders, 46 are paid, 2 cancelled, 1 expired, and 1 is pending: its deadline passes
 * within two hours.
 */
const past = ({ orders, users }: FillOptions) => `create table public.past as
  select number, ${user(`1 + number % ${users}`)} as user_id, 1 + number * 7 % ${productCount - 1} as product,
    date_trunc('second', now()) - interval '60 days' + number * interval '1 second' as at,
    date_trunc('second', now()) + (number % 7200) * interval '1 second' as deadline,
    case (number * 13 + number / ${users}) % 50 when 0 then 'pending' when 1 then 'expired' when 2 then 'cancelled'
      when 3 then 'cancelled' else 'paid' end as status
  from generate_series(0, ${orders}::bigint - 1) number`

const line = (offset: number) => `jsonb_build_object('productId', ${product(`p.product + ${offset}`)},
  'name', 'Product', 'unitPrice', ${price}, 'quantity', 1, 'amount', ${price})`

/** Rows of the schema 0011. */
const steps = (options: FillOptions): readonly string[] => [
  past(options),
  `insert into shop.orders (order_id, user_id, status, lines, dropped_lines, coupon_id, total_amount, discount_amount,
     final_amount, stock_taken_at, coupon_consumed_at, created_at, expires_at, paid_at, payment_id, events)
   select 'past-order-' || number, user_id, status, jsonb_build_array(${line(0)}, ${line(1)}), '[]', null, ${2 * price}, 0,
     ${2 * price}, 'order', 'order', at, case status when 'pending' then deadline when 'expired' then at end,
     case status when 'paid' then at end, case status when 'paid' then 'past-payment-' || number end,
     case status when 'pending' then 0 else 1 end
   from public.past p`,
  `insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, order_id, at)
   select ${user('number')}, 1, 'first-entry-' || number, 'charge', ${firstBalance}, ${firstBalance}, null,
     now() - interval '61 days' from generate_series(1, ${options.users}) number`,
  `insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, order_id, at)
   select user_id, 1 + nth, 'past-entry-' || number, 'payment', ${-2 * price}, ${firstBalance} - ${2 * price} * nth,
     'past-order-' || number, at
   from (select *, row_number() over (partition by user_id order by number) as nth from public.past where status = 'paid') p`,
  `insert into shop.wallets (user_id, balance, entries, created_at)
   select distinct on (user_id) user_id, balance, sequence, now() - interval '61 days'
   from shop.wallet_entries order by user_id, sequence desc`,
  `insert into shop.payments (payment_id, order_id, user_id, amount, balance, paid_at)
   select o.payment_id, o.order_id, o.user_id, o.final_amount, e.balance, o.paid_at
   from shop.orders o join shop.wallet_entries e on e.order_id = o.order_id`,
  `insert into shop.holds (order_id, product_id, quantity, expires_at)
   select 'past-order-' || number, ${product('product + each')}, 1, deadline
   from public.past, generate_series(0, 1) each where status = 'pending'`,
  `insert into shop.daily_sales (time_zone, day, product_id, sold)
   select '${zone}', (at at time zone '${zone}')::date, ${product('product + each')}, count(*)
   from public.past, generate_series(0, 1) each where status = 'paid' group by 2, 3`,
  `insert into shop.sales_zone (time_zone) values ('${zone}') on conflict do nothing`,
  `insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
   select ${product('number')}, 'Product ' || number, 'product ' || number, ${price}, true,
     1000000 + coalesce(s.sold, 0), 1000000, coalesce(h.held, 0), now() - interval '61 days'
   from generate_series(1, ${productCount}) number
   left join (select product_id, sum(sold) as sold from shop.daily_sales group by 1) s on s.product_id = ${product('number')}
   left join (select product_id, sum(quantity) as held from shop.holds group by 1) h on h.product_id = ${product('number')}`,
  `insert into shop.coupons (coupon_id, name, discount, valid_from, valid_until, quantity, issued, created_at)
   values ('coupon-1', 'Coupon', '{"kind":"fixed","amount":500}', now() - interval '1 day', now() + interval '1 year',
     1000000000, 0, now() - interval '1 day')`,
  'drop table public.past',
  'vacuum analyze',
  'checkpoint',
]

/** Fills an empty shop of the schema 0011 with orders in every state, wallets that paid them, and products in stock. */
export const fillShop = async (url: string, options: FillOptions): Promise<void> => {
  for (const step of steps(options)) await query(url, step)
}
