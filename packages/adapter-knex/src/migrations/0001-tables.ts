import { type Migration, run } from './migration.js'

const id = 'text collate "C"'
const time = 'timestamptz(3)'
const maxMoney = Number.MAX_SAFE_INTEGER
const statuses = `'pending', 'paid', 'failed', 'cancelled', 'expired', 'refunded'`

/**
 * Pages have room for new versions of hot rows, so that updates change no index. There are no foreign keys: checking one
 * locks the parent out of the common lock order. The audit finds orphans.
 */
const roomy = 'with (fillfactor = 70)'

const walletTables = (s: string) => [
  `create table ${s}.wallets (
    user_id ${id} primary key,
    balance bigint not null check (balance between 0 and ${maxMoney}),
    entries bigint not null check (entries >= 0),
    created_at ${time} not null
  ) ${roomy}`,
  `create table ${s}.wallet_entries (
    user_id ${id} not null,
    sequence bigint not null check (sequence > 0),
    entry_id ${id} not null,
    kind text not null check (kind in ('charge', 'payment', 'refund')),
    amount bigint not null check (abs(amount) <= ${maxMoney}),
    balance bigint not null check (balance between 0 and ${maxMoney}),
    order_id ${id},
    at ${time} not null,
    primary key (user_id, sequence),
    constraint wallet_entries_sign check (case kind when 'charge' then amount > 0 when 'payment' then amount <= 0 else amount >= 0 end),
    constraint wallet_entries_order check ((kind = 'charge') = (order_id is null))
  )`,
  // An order is paid at most once and refunded at most once, even if the code has a bug.
  `create unique index wallet_entries_of_order on ${s}.wallet_entries (order_id, kind) where order_id is not null`,
]

const catalogTables = (s: string) => [
  `create table ${s}.products (
    product_id ${id} primary key,
    name text not null,
    folded_name text not null,
    price bigint not null check (price between 0 and ${maxMoney}),
    listed boolean not null,
    supplied bigint not null,
    stock bigint not null,
    held bigint not null,
    created_at ${time} not null,
    constraint products_stock check (0 <= held and held <= stock and stock <= supplied and supplied <= ${maxMoney})
  ) ${roomy}`,
  `create index products_listed on ${s}.products (created_at desc, product_id) where listed`,
  `create table ${s}.product_views (
    product_id ${id} primary key,
    views bigint not null check (views >= 0)
  ) ${roomy}`,
  `create table ${s}.holds (
    order_id ${id} not null,
    product_id ${id} not null,
    quantity bigint not null check (quantity > 0),
    expires_at ${time} not null,
    primary key (order_id, product_id)
  )`,
  `create index holds_of_product on ${s}.holds (product_id, expires_at)`,
]

const couponTables = (s: string) => [
  `create table ${s}.coupons (
    coupon_id ${id} primary key,
    name text not null,
    discount jsonb not null check (coalesce(discount ->> 'kind', '') in ('fixed', 'percentage')),
    valid_from ${time} not null,
    valid_until ${time} not null,
    minimum_order_amount bigint check (minimum_order_amount between 0 and ${maxMoney}),
    quantity bigint not null check (quantity <= ${maxMoney}),
    issued bigint not null,
    created_at ${time} not null,
    constraint coupons_issued check (0 <= issued and issued <= quantity),
    constraint coupons_window check (valid_until > valid_from)
  ) ${roomy}`,
  `create index coupons_newest on ${s}.coupons (created_at, coupon_id)`,
  `create table ${s}.issued_coupons (
    coupon_id ${id} not null,
    user_id ${id} not null,
    issued_at ${time} not null,
    used_by_order_id ${id},
    used_until ${time},
    primary key (coupon_id, user_id),
    constraint issued_coupons_use check (used_until is null or used_by_order_id is not null)
  )`,
  `create index issued_coupons_of_user on ${s}.issued_coupons (user_id, issued_at, coupon_id)`,
]

const orderTables = (s: string) => [
  `create table ${s}.orders (
    order_id ${id} primary key,
    user_id ${id} not null,
    status text not null check (status in (${statuses})),
    lines jsonb not null check (jsonb_typeof(lines) = 'array' and jsonb_array_length(lines) > 0),
    dropped_lines jsonb not null check (jsonb_typeof(dropped_lines) = 'array'),
    coupon_id ${id},
    total_amount bigint not null check (total_amount <= ${maxMoney}),
    discount_amount bigint not null,
    final_amount bigint not null,
    stock_taken_at text not null check (stock_taken_at in ('order', 'payment')),
    coupon_consumed_at text not null check (coupon_consumed_at in ('order', 'payment')),
    created_at ${time} not null,
    expires_at ${time},
    paid_at ${time},
    payment_id ${id},
    events bigint not null check (events >= 0),
    constraint orders_amounts check (0 <= discount_amount and discount_amount <= total_amount and final_amount = total_amount - discount_amount),
    constraint orders_deadline check ((status in ('pending', 'expired')) = (expires_at is not null)),
    constraint orders_payment check ((status in ('paid', 'refunded')) = (paid_at is not null) and (paid_at is null) = (payment_id is null))
  ) with (fillfactor = 90)`,
  `create index orders_of_user on ${s}.orders (user_id, created_at, order_id)`,
  `create index orders_newest on ${s}.orders (created_at, order_id)`,
  `create index orders_pending on ${s}.orders (expires_at, order_id) where status = 'pending'`,
  // For lists of the rare statuses. Placing and paying never change it.
  `create index orders_ended on ${s}.orders (status, created_at, order_id) where status not in ('pending', 'paid')`,
  // A copy of a coupon pays for at most one order.
  `create unique index orders_coupon_paid on ${s}.orders (coupon_id, user_id) where status = 'paid' and coupon_id is not null`,
  `create table ${s}.payments (
    payment_id ${id} primary key,
    order_id ${id} not null unique,
    user_id ${id} not null,
    amount bigint not null check (amount between 0 and ${maxMoney}),
    balance bigint not null check (balance between 0 and ${maxMoney}),
    paid_at ${time} not null
  )`,
]

const outboxTables = (s: string) => [
  `create table ${s}.events (
    event_id ${id} primary key,
    type text not null check (type in ('order.paid', 'order.failed', 'order.cancelled', 'order.expired', 'order.refunded')),
    order_id ${id} not null,
    sequence bigint not null check (sequence > 0),
    data json not null,
    at ${time} not null,
    status text not null check (status in ('pending', 'sent', 'dead')),
    attempts bigint not null check (attempts >= 0),
    next_attempt_at ${time} not null,
    last_error text,
    lease ${id},
    leased_until ${time},
    sent_at ${time},
    unique (order_id, sequence),
    constraint events_lease check ((lease is null) = (leased_until is null) and (lease is null or status = 'pending'))
  )`,
  `create index events_pending on ${s}.events (next_attempt_at, event_id) where status = 'pending'`,
  `create index events_newest on ${s}.events (at, event_id)`,
  `create index events_dead on ${s}.events (at, event_id) where status = 'dead'`,
  `create index events_sent on ${s}.events (sent_at) where status = 'sent'`,
]

const rankingTables = (s: string) => [
  `create table ${s}.rankings (
    name ${id} primary key,
    products jsonb not null check (jsonb_typeof(products) = 'array'),
    from_day date not null,
    to_day date not null,
    as_of ${time} not null,
    constraint rankings_window check (from_day <= to_day)
  )`,
  // May be negative for a moment, while servers with different time zones run side by side.
  `create table ${s}.daily_sales (
    time_zone ${id} not null,
    day date not null,
    product_id ${id} not null,
    sold bigint not null,
    primary key (time_zone, day, product_id)
  ) ${roomy}`,
  `create table ${s}.sales_zone (
    single boolean primary key default true check (single),
    time_zone text not null
  )`,
]

const executionTables = (s: string) => [
  `create table ${s}.outcomes (
    scope ${id} not null,
    key ${id} not null,
    fingerprint text not null,
    outcome json not null,
    at ${time} not null,
    primary key (scope, key)
  )`,
  `create index outcomes_oldest on ${s}.outcomes (at)`,
  `create table ${s}.groups (
    group_id ${id} primary key,
    committed boolean not null,
    at ${time} not null
  )`,
  `create index groups_oldest on ${s}.groups (at)`,
  `create table ${s}.fences (
    job ${id} primary key,
    token bigint not null check (token >= 0)
  )`,
  // Rows are never deleted: a token that restarted at 1 would be smaller than an earlier one.
  `create table ${s}.leases (
    name ${id} primary key,
    token bigint not null check (token > 0),
    expires_at ${time} not null
  )`,
]

const names = [
  'wallets',
  'wallet_entries',
  'products',
  'product_views',
  'holds',
  'coupons',
  'issued_coupons',
  'orders',
  'payments',
  'events',
  'outcomes',
  'fences',
  'rankings',
  'daily_sales',
  'sales_zone',
  'groups',
  'leases',
]

export const tables: Migration = {
  name: '0001_tables',
  sentence: 'Makes every table of the shop, with the laws that a database can hold as constraints.',
  up: (trx, s) =>
    run(trx, [
      ...walletTables(s),
      ...catalogTables(s),
      ...couponTables(s),
      ...orderTables(s),
      ...outboxTables(s),
      ...rankingTables(s),
      ...executionTables(s),
    ]),
  down: (trx, s) => run(trx, [`drop table ${names.map((name) => `${s}.${name}`).join(', ')}`]),
}
