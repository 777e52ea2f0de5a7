import { recordRefundsOn } from '../upkeep/record-refunds.js'
import { index, type LaterStep, validated, withoutIndex } from './later-steps.js'
import { type Migration, run } from './migration.js'
import { runIfUnused } from './run-if-unused.js'
import { lockTables, withShortWaits } from './short-waits.js'

const id = 'text collate "C"'
const time = 'timestamptz(3)'

/** In the order in which commands lock them. */
const changed = (s: string) => lockTables(s, ['events', 'orders', 'wallets', 'wallet_entries'])

const isList = (column: string) =>
  `(${column} is null or jsonb_typeof(${column}) = 'array' and jsonb_array_length(${column}) > 0)`

/** Rows that are there are checked later, so that no table is read under the lock. */
const constraint = (table: string, name: string, condition: string) => ({ table, name, condition })

const constraints = [
  constraint(
    'events',
    'events_type_check',
    `type in ('order.paid', 'order.failed', 'order.cancelled', 'order.expired', 'order.partially-refunded', 'order.refunded')`,
  ),
  // A server of the release before knows no parts. If it refunds the whole of an order that was refunded in part, this
  // constraint stops it.
  constraint(
    'orders',
    'orders_refunds',
    `${isList('refunds')} and (refunds is null) = (refunded_amount is null)
     and (refunded_amount is null or status in ('paid', 'refunded') and refunded_amount between 0 and final_amount)
     and (refunded_amount is null or status <> 'refunded' or refunded_amount = final_amount)
     and (discount_withdrawn_by is null or refunds is not null)`,
  ),
  constraint('orders', 'orders_sources', isList('sources')),
  // A server of the release before knows no lots. If it spends more than the paid money, this constraint stops it.
  constraint(
    'wallets',
    'wallets_lots',
    `${isList('lots')} and (lots is null) = (bonus is null) and (bonus is null or bonus between 1 and balance)
     and (next_lot_end is null or lots is not null)`,
  ),
  constraint(
    'wallet_entries',
    'wallet_entries_kind_check',
    `kind in ('charge', 'grant', 'payment', 'refund', 'withdrawal', 'adjustment', 'expiry', 'opening')`,
  ),
  constraint(
    'wallet_entries',
    'wallet_entries_sign',
    `case when kind in ('charge', 'grant') then amount > 0 when kind = 'payment' then amount <= 0
      when kind in ('withdrawal', 'expiry') then amount < 0 when kind = 'adjustment' then amount <> 0 else amount >= 0 end`,
  ),
  constraint('wallet_entries', 'wallet_entries_order', `(kind in ('payment', 'refund')) = (order_id is not null)`),
  constraint('wallet_entries', 'wallet_entries_lots', isList('lots')),
]

/** Those that replace one of the same name. */
const replaced: Readonly<Record<string, string>> = {
  events_type_check: `type in ('order.paid', 'order.failed', 'order.cancelled', 'order.expired', 'order.refunded')`,
  wallet_entries_kind_check: `kind in ('charge', 'payment', 'refund')`,
  wallet_entries_sign: `case kind when 'charge' then amount > 0 when 'payment' then amount <= 0 else amount >= 0 end`,
  wallet_entries_order: `(kind = 'charge') = (order_id is null)`,
}

const columns: Readonly<Record<string, readonly string[]>> = {
  orders: [
    `reference ${id}`,
    'sources jsonb',
    'refunded_amount bigint',
    'refunds jsonb',
    `discount_withdrawn_by ${id}`,
  ],
  wallets: ['lots jsonb', 'bonus bigint', `next_lot_end ${time}`],
  wallet_entries: ['lots jsonb', `reference ${id}`, 'reason text', 'metadata json'],
}

const tablesToChange = ['events', 'orders', 'wallets', 'wallet_entries']

const changesOf = (s: string) =>
  tablesToChange.map((table) => {
    const actions = (columns[table] ?? []).map((column) => `add column ${column}`)
    for (const { table: its, name, condition } of constraints) {
      if (its !== table) continue
      if (Object.hasOwn(replaced, name)) actions.push(`drop constraint ${name}`)
      actions.push(`add constraint ${name} check (${condition}) not valid`)
    }
    return `alter table ${s}.${table} ${actions.join(', ')}`
  })

const newTables = (s: string) => [
  `create table ${s}.permanent_references (
    reference ${id} not null,
    kind text not null check (kind in ('order', 'refund')),
    owner ${id} not null,
    fingerprint text not null,
    result json not null,
    user_id ${id} not null,
    subject_id ${id} not null,
    entry bigint check (entry > 0),
    at ${time} not null,
    primary key (reference, kind, owner),
    constraint permanent_references_entry check ((entry is null) = (kind = 'order')),
    constraint permanent_references_owner check ((owner = '') = (kind <> 'order'))
  )`,
  // For lists of orders: many users may choose the same reference.
  `create index permanent_references_of_orders on ${s}.permanent_references (reference, at, subject_id) where kind = 'order'`,
  `create table ${s}.repairs (
    repair_id ${id} primary key,
    law text not null,
    subject text not null,
    what text not null,
    before json not null,
    after json not null,
    at ${time} not null
  )`,
]

/** A later migration replaces them: they are built only where that costs nothing. */
const replacedSteps: readonly LaterStep[] = [
  index('wallet_entries_by_order', 'wallet_entries', '(order_id, kind) where order_id is not null'),
  index('payments_paid', 'payments', 'using brin (paid_at) with (pages_per_range = 32, autosummarize = on)'),
]

const steps: readonly LaterStep[] = [
  withoutIndex('wallet_entries_of_order', 'wallet_entries'),
  // A copy of a coupon pays for at most one order that keeps its discount.
  index(
    'orders_coupon_used',
    'orders',
    `(coupon_id, user_id) where status = 'paid' and coupon_id is not null and discount_withdrawn_by is null`,
    'unique',
  ),
  withoutIndex('orders_coupon_paid', 'orders'),
  index('wallets_lot_end', 'wallets', '(next_lot_end, user_id) where next_lot_end is not null'),
  // Entries come almost in the order of time, so a summary for each range of pages is enough. It costs an insert next to
  // nothing.
  index('wallet_entries_at', 'wallet_entries', 'using brin (at) with (pages_per_range = 32, autosummarize = on)'),
  index('wallet_entries_rare', 'wallet_entries', `(kind, at, entry_id) where kind not in ('charge', 'payment')`),
  // An entry that carries a reference is its record.
  index('wallet_entries_referenced', 'wallet_entries', '(reference, kind) where reference is not null', 'unique'),
  // Empty as soon as all servers run this release.
  index('orders_refunds_unknown', 'orders', `(order_id) where status = 'refunded' and refunds is null`),
  ...constraints.map(({ name, table }) => validated(name, table)),
]

const newIndexes = [
  'wallet_entries_by_order',
  'orders_coupon_used',
  'wallets_lot_end',
  'wallet_entries_at',
  'payments_paid',
  'wallet_entries_rare',
  'wallet_entries_referenced',
  'orders_refunds_unknown',
]

/** Rows that only this release can write break the narrower constraints, so these are not checked on rows. */
const reverted = (s: string) =>
  tablesToChange.map((table) => {
    const actions = constraints
      .filter((each) => each.table === table)
      .flatMap(({ name }) => {
        const before = replaced[name]
        const drop = `drop constraint ${name}`
        return before === undefined ? [drop] : [drop, `add constraint ${name} check (${before}) not valid`]
      })
    for (const column of columns[table] ?? []) actions.push(`drop column ${column.split(' ')[0]}`)
    return `alter table ${s}.${table} ${actions.join(', ')}`
  })

/** Rows that only this release can write may break the uniqueness. */
const uniqueIfPossible = (s: string, name: string, definition: string) => `do $$ begin
  create unique index if not exists ${name} on ${s}.${definition};
exception when unique_violation then
  create index ${name} on ${s}.${definition};
end $$`

export const money: Migration = {
  name: '0007_money',
  sentence:
    'Makes room for bonus money, references, corrections and partial refunds; what nobody uses stays null and costs nothing.',
  steps,
  async fill(database) {
    await recordRefundsOn(database)()
  },
  async up(trx, s) {
    await run(trx, newTables(s))
    await withShortWaits(trx, [changed(s), ...changesOf(s)])
    await runIfUnused(trx, s, [...tablesToChange, 'payments'], [...replacedSteps, ...steps])
  },
  down: (trx, s) =>
    withShortWaits(trx, [
      changed(s),
      `drop table ${s}.permanent_references, ${s}.repairs`,
      `drop index if exists ${newIndexes.map((name) => `${s}.${name}`).join(', ')}`,
      ...reverted(s),
      uniqueIfPossible(s, 'wallet_entries_of_order', 'wallet_entries (order_id, kind) where order_id is not null'),
      uniqueIfPossible(
        s,
        'orders_coupon_paid',
        `orders (coupon_id, user_id) where status = 'paid' and coupon_id is not null`,
      ),
    ]),
}
