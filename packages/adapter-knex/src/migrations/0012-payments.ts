import { index, type LaterStep, withoutIndex } from './later-steps.js'
import { type Migration, run } from './migration.js'
import { runIfUnused } from './run-if-unused.js'
import { sameGrants } from './same-grants.js'
import { lockTables, withShortWaits } from './short-waits.js'

const id = 'text collate "C"'
const time = 'timestamptz(3)'
const maxMoney = Number.MAX_SAFE_INTEGER

/** `up` relies on them: they guard what the table guarded, and servers of the release before look up payments by id. */
const earlierSteps: readonly LaterStep[] = [
  // An order is paid at most once, even if the code has a bug. It may have several refunds, each with its sequence.
  index(
    'wallet_entries_of_orders',
    'wallet_entries',
    `(order_id, (case kind when 'payment' then 0 else sequence end)) where order_id is not null`,
    'unique',
  ),
  index('orders_payment_id', 'orders', '(payment_id) where payment_id is not null', 'unique'),
]

/** A row of the table that the view does not show. */
const isUntold = (s: string) => `not exists (
  select from ${s}.payments p where (p.order_id, p.payment_id, p.user_id, p.amount, p.balance, p.paid_at)
    = (b.order_id, b.payment_id, b.user_id, b.amount, b.balance, b.paid_at)
)`

/**
 * Drops the table, which the shop uses no more. It is kept, with a comment, if a row of it says what orders and entries do not
 * say, because then somebody has changed them by hand; and if something of the host's depends on it.
 */
const withoutTable: LaterStep = {
  table: 'wallet_entries',
  isDone: (s) => `(to_regclass('${s}.payments_before') is null
    or obj_description(to_regclass('${s}.payments_before'), 'pg_class') is not null)`,
  statements: (s) => [
    `do $$ declare untold bigint; reason text; begin
  select count(*) into untold from ${s}.payments_before b where ${isUntold(s)};
  if untold = 0 then
    begin
      drop table ${s}.payments_before;
      return;
    exception when dependent_objects_still_exist then
      reason := 'Orders and wallet_entries say the same, but something of yours depends on this table.';
    end;
  else
    reason := untold || ' of these payments are not what orders and wallet_entries say.';
  end if;
  execute format('comment on table ${s}.payments_before is %L', reason || ' Nothing of the shop reads this table.');
  raise warning 'the table ${s}.payments_before is kept: %', reason;
end $$`,
  ],
}

const steps: readonly LaterStep[] = [
  ...earlierSteps,
  withoutIndex('wallet_entries_by_order', 'wallet_entries'),
  withoutTable,
]

/**
 * Servers of the release before read the view as they read the table. What they insert is there already: the same
 * transaction has written the order and the entry.
 */
const viewInPlaceOfTable = (s: string) => [
  lockTables(s, ['payments']),
  `alter table ${s}.payments rename to payments_before`,
  `comment on table ${s}.payments_before is null`,
  `create view ${s}.payments as
   select o.payment_id, o.order_id, e.user_id, -e.amount as amount, e.balance, e.at as paid_at
   from ${s}.wallet_entries e join ${s}.orders o on o.order_id = e.order_id
   where e.kind = 'payment' and o.payment_id is not null`,
  `create function ${s}.ignore_payment() returns trigger language plpgsql as $$ begin return new; end $$`,
  `create trigger ignore_payment instead of insert on ${s}.payments for each row execute function ${s}.ignore_payment()`,
  sameGrants(`${s}.payments_before`, `${s}.payments`, ['SELECT', 'INSERT']),
]

/** The table as it was, where the migration has not kept it. */
const table = (s: string) => `create table if not exists ${s}.payments_before (
  payment_id ${id} constraint payments_pkey primary key,
  order_id ${id} not null constraint payments_order_id_key unique,
  user_id ${id} not null,
  amount bigint not null constraint payments_amount_check check (amount between 0 and ${maxMoney}),
  balance bigint not null constraint payments_balance_check check (balance between 0 and ${maxMoney}),
  paid_at ${time} not null
)`

const tableInPlaceOfView = (s: string) => [
  lockTables(s, ['orders', 'wallet_entries']),
  table(s),
  `comment on table ${s}.payments_before is null`,
  `insert into ${s}.payments_before (payment_id, order_id, user_id, amount, balance, paid_at)
   select payment_id, order_id, user_id, amount, balance, paid_at from ${s}.payments on conflict do nothing`,
  `drop view ${s}.payments`,
  `drop function ${s}.ignore_payment()`,
  `alter table ${s}.payments_before rename to payments`,
]

const indexesBefore = (s: string) => [
  `create index if not exists payments_paid on ${s}.payments using brin (paid_at)
   with (pages_per_range = 32, autosummarize = on)`,
  `create index if not exists wallet_entries_by_order on ${s}.wallet_entries (order_id, kind) where order_id is not null`,
  `drop index if exists ${s}.wallet_entries_of_orders, ${s}.orders_payment_id`,
]

export const payments: Migration = {
  name: '0012_payments',
  sentence:
    'Derives payments from orders and their entries: the table becomes a view, for the release before and for reports.',
  earlierSteps,
  steps,
  async up(trx, s) {
    await withShortWaits(trx, viewInPlaceOfTable(s))
    await runIfUnused(trx, s, ['orders', 'wallet_entries', 'payments_before'], steps)
  },
  async down(trx, s) {
    await withShortWaits(trx, tableInPlaceOfView(s))
    await run(trx, indexesBefore(s))
  },
}
