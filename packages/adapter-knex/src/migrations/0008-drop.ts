import { index, type LaterStep, validated } from './later-steps.js'
import type { Migration } from './migration.js'
import { runIfUnused } from './run-if-unused.js'
import { lockTables, withShortWaits } from './short-waits.js'

const time = 'timestamptz(3)'

/** In the order in which commands lock them. */
const tablesToChange = ['orders', 'coupons', 'products'] as const

const columns: Readonly<Record<(typeof tablesToChange)[number], readonly string[]>> = {
  orders: ['discounted_product_ids jsonb'],
  coupons: ['product_ids jsonb', 'code text collate "C"'],
  products: [`opens_at ${time}`, `closes_at ${time}`, 'sale jsonb', 'purchase_limit bigint', 'metadata json'],
}

const isList = (column: string) =>
  `(${column} is null or jsonb_typeof(${column}) = 'array' and jsonb_array_length(${column}) > 0)`

/**
 * Rows that are there are checked later, so that no table is read under the lock. A server of the release before knows
 * none of these columns. If it lowers the regular price of a product to the price of its sale, a constraint stops it.
 */
const constraints = [
  { table: 'orders', name: 'orders_discounted', condition: isList('discounted_product_ids') },
  {
    table: 'coupons',
    name: 'coupons_terms',
    condition: `${isList('product_ids')} and (code is null or code ~ '^[A-Za-z0-9-]{3,40}$')`,
  },
  { table: 'products', name: 'products_limit', condition: 'purchase_limit is null or purchase_limit >= 1' },
  {
    table: 'products',
    name: 'products_hours',
    condition: 'opens_at is null or closes_at is null or closes_at > opens_at',
  },
  {
    table: 'products',
    name: 'products_sale',
    condition: `sale is null or coalesce((sale ->> 'price')::bigint between 0 and price - 1
      and (sale ->> 'until')::bigint > (sale ->> 'from')::bigint, false)`,
  },
] as const

const changesOf = (s: string) =>
  tablesToChange.map((table) => {
    const actions = columns[table].map((column) => `add column ${column}`)
    for (const { table: its, name, condition } of constraints) {
      if (its === table) actions.push(`add constraint ${name} check (${condition}) not valid`)
    }
    return `alter table ${s}.${table} ${actions.join(', ')}`
  })

/** A later migration replaces it: it is built only where that costs nothing. */
const replacedStep = index('orders_open_of_user', 'orders', `(user_id) where status = 'pending'`)

const steps: readonly LaterStep[] = [
  // No two coupons have codes that differ only in case.
  index('coupons_code', 'coupons', '(lower(code)) where code is not null', 'unique'),
  // In the order of the list; drops that have closed are skipped without reading their rows.
  index(
    'products_drops',
    'products',
    `(opens_at nulls first, product_id, coalesce(closes_at, 'infinity'))
     where listed and (opens_at is not null or closes_at is not null)`,
  ),
  ...constraints.map(({ name, table }) => validated(name, table)),
]

const newIndexes = ['coupons_code', 'orders_open_of_user', 'products_drops']

export const drop: Migration = {
  name: '0008_drop',
  sentence:
    'Makes room for hours, sales and purchase limits of products, and for coupons for some products or with a code.',
  steps,
  async up(trx, s) {
    await withShortWaits(trx, [lockTables(s, tablesToChange), ...changesOf(s)])
    await runIfUnused(trx, s, tablesToChange, [replacedStep, ...steps])
  },
  down: (trx, s) =>
    withShortWaits(trx, [
      lockTables(s, tablesToChange),
      `drop index if exists ${newIndexes.map((name) => `${s}.${name}`).join(', ')}`,
      ...tablesToChange.map((table) => {
        const dropped = constraints.filter((each) => each.table === table).map(({ name }) => `drop constraint ${name}`)
        const removed = columns[table].map((column) => `drop column ${column.split(' ')[0]}`)
        return `alter table ${s}.${table} ${[...dropped, ...removed].join(', ')}`
      }),
    ]),
}
