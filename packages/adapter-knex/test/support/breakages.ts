import { noon } from './rows.js'

/** Ids of orders: 'paid', 'parts' and 'lots' are paid, 'open' is pending, 'gone' is cancelled. */
export type Orders = Readonly<Record<'paid' | 'parts' | 'lots' | 'open' | 'gone', string>>

/** A typical way in which stored data breaks a law. */
export interface Breakage {
  readonly law: string
  readonly name: string
  /** SQL that breaks it, for the ids of the orders. */
  readonly sql?: (orders: Orders) => string
  /** The law under which it is cured, if it breaks another one first. */
  readonly curedAs?: string
  /** How far the clock moves. */
  readonly ms?: number
}

/** Those with a safe cure. */
export const curable: readonly Breakage[] = [
  { law: 'STOCK-HELD', name: 'the held units are wrong', sql: () => `update shop.products set held = held + 3` },
  { law: 'COUPON-LIMIT', name: 'the issued copies are counted wrong', sql: () => `update shop.coupons set issued = 1` },
  {
    law: 'SALES-MATCH',
    name: 'the daily sums are wrong',
    sql: () =>
      `insert into shop.recent_sales select time_zone, day, array[product_id], array[7] from shop.sales_of_days`,
  },
  { law: 'SALES-MATCH', name: 'the daily sums are gone', sql: () => `truncate shop.daily_sales, shop.recent_sales` },
  {
    law: 'REFUND-SUM',
    name: 'the refunded amount is wrong',
    sql: (orders) => `update shop.orders set refunded_amount = 5 where order_id = '${orders.parts}'`,
  },
  {
    law: 'OUTBOX-COMPLETE',
    name: 'the event of a payment is missing',
    sql: (orders) => `delete from shop.events where order_id = '${orders.paid}'`,
  },
  {
    law: 'OUTBOX-COMPLETE',
    name: 'the event of a partial refund is missing',
    sql: (orders) => `delete from shop.events where order_id = '${orders.parts}' and sequence = 2`,
  },
  {
    law: 'OUTBOX-COMPLETE',
    name: 'the events of an order are counted wrong',
    sql: (orders) => `update shop.orders set events = 9 where order_id = '${orders.gone}'`,
  },
  {
    law: 'ORDER-HOLDS',
    name: 'a cancelled order has a hold',
    sql: (orders) =>
      `insert into shop.holds values ('${orders.gone}', 'tea', 2, to_timestamp(${noon / 1_000} + 600));
       update shop.products set held = held + 2`,
  },
  { law: 'ORDER-ENDS', name: 'an order is long overdue', ms: 26 * 60_000 },
  { law: 'LOT-ENDS', name: 'a lot has ended long ago', ms: 12 * 60_000 },
  {
    law: 'NO-ORPHANS',
    name: 'a hold has no order',
    sql: () =>
      `insert into shop.holds values ('nobody', 'tea', 2, to_timestamp(${noon / 1_000} + 600));
       update shop.products set held = held + 2`,
  },
  {
    law: 'NO-ORPHANS',
    name: 'a hold has no product',
    curedAs: 'ORDER-HOLDS',
    sql: (orders) => `insert into shop.holds values ('${orders.open}', 'none', 2, to_timestamp(${noon / 1_000} + 600))`,
  },
  {
    law: 'COUPON-SINGLE-USE',
    name: 'a used coupon reads as unused',
    sql: () => `update shop.issued_coupons set used_by_order_id = null, used_until = null where user_id = 'ann'`,
  },
  {
    law: 'COUPON-SINGLE-USE',
    name: 'an unused coupon names an order that has ended',
    sql: (orders) => `update shop.issued_coupons set used_by_order_id = '${orders.gone}' where user_id = 'bob'`,
  },
  {
    law: 'WALLET-LEDGER',
    name: 'the entries of a wallet are counted wrong',
    sql: () => `update shop.wallets set entries = entries - 1 where user_id = 'ann'`,
  },
]

/** Those that only an operator can decide. */
export const reportable: readonly Breakage[] = [
  {
    law: 'WALLET-LEDGER',
    name: 'a balance is not the sum of its entries',
    sql: () => `update shop.wallets set balance = balance + 5 where user_id = 'ann'`,
  },
  {
    law: 'WALLET-CHAIN',
    name: 'an entry does not continue the one before it',
    sql: () => `update shop.wallet_entries set balance = balance + 1 where user_id = 'ann' and sequence = 1`,
  },
  {
    law: 'WALLET-RANGE',
    name: 'a balance was negative',
    sql: () => `update shop.wallet_entries set balance = -1 where user_id = 'ann' and sequence = 1`,
  },
  {
    law: 'STOCK-CONSERVATION',
    name: 'units have vanished',
    sql: () => `update shop.products set stock = stock - 1`,
  },
  {
    law: 'HISTORY-KEPT',
    name: 'a loss that nobody has acknowledged',
    sql: () => `insert into shop.history_losses (loss_id, detected_at, groups, commands, first_at, last_at, to_history,
      order_ids, is_partial) select 'loss', now(), 1, 1, now(), now(), 'another', '[]', false`,
  },
  {
    law: 'ORDER-TOTAL',
    name: 'the price of a line was changed',
    sql: (orders) =>
      `update shop.orders set lines = jsonb_set(lines, '{0,unitPrice}', '7') where order_id = '${orders.paid}'`,
  },
  {
    law: 'ORDER-PAID-ONCE',
    name: 'a payment has another time than its order',
    sql: (orders) => `update shop.orders set paid_at = paid_at + interval '1 second' where order_id = '${orders.paid}'`,
  },
  {
    law: 'ORDER-PAID-ONCE',
    name: 'a payment belongs to no order',
    sql: (orders) =>
      `update shop.wallet_entries set order_id = 'nobody' where order_id = '${orders.paid}' and kind = 'payment'`,
  },
  {
    law: 'ORDER-PAID-ONCE',
    name: 'an order was paid twice',
    sql: (orders) => `drop index shop.wallet_entries_of_orders;
       update shop.wallet_entries set order_id = '${orders.paid}' where order_id = '${orders.lots}' and kind = 'payment'`,
  },
  {
    law: 'ORDER-DEADLINE',
    name: 'a paid order has a deadline',
    sql: (orders) => `update shop.orders set expires_at = created_at where order_id = '${orders.paid}'`,
  },
  {
    law: 'ORDER-HOLDS',
    name: 'a pending order has lost its hold',
    sql: (orders) =>
      `delete from shop.holds where order_id = '${orders.open}'; update shop.products set held = held - 4`,
  },
  {
    law: 'OUTBOX-COMPLETE',
    name: 'an event reports what did not happen',
    sql: (orders) => `update shop.events set type = 'order.failed' where order_id = '${orders.gone}'`,
  },
  {
    law: 'REFUND-SUM',
    name: 'a refund is not what its entry returned',
    sql: (orders) =>
      `update shop.orders set refunds = jsonb_set(refunds, '{0,amount}', '7') where order_id = '${orders.parts}'`,
  },
  {
    law: 'LOT-CHAIN',
    name: 'more remains of a lot than its entries say',
    sql: () => `update shop.wallets set lots = jsonb_set(lots, '{0,amount}', '650') where user_id = 'bob'`,
  },
  {
    law: 'SPEND-ORDER',
    name: 'a payment took the younger lot first',
    sql: (orders) =>
      `update shop.wallet_entries set lots = jsonb_build_array(jsonb_set(lots -> 1, '{amount}', '-900'), jsonb_set(lots -> 0, '{amount}', '-100'))
       where order_id = '${orders.lots}'`,
  },
  {
    law: 'PURCHASE-LIMIT',
    name: 'a user has more units than the limit allowed',
    sql: () => `update shop.orders set lines = jsonb_set(lines, '{0,purchaseLimit}', '2') where user_id = 'ann'`,
  },
  {
    law: 'REFERENCE-ONCE',
    name: 'a reference is not stored',
    sql: () => `delete from shop.permanent_references where reference = 'rma-1'`,
  },
  {
    law: 'REFERENCE-ONCE',
    name: 'two charges carry one reference',
    sql: () =>
      `drop index shop.wallet_entries_referenced;
       update shop.wallet_entries set reference = 'pay-ann' where reference = 'pay-bob'`,
  },
  {
    law: 'NO-ORPHANS',
    name: 'an event has no order',
    sql: (orders) => `update shop.events set order_id = 'nobody' where order_id = '${orders.gone}'`,
  },
]
