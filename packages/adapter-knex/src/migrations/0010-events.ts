import { index, type LaterStep, validated } from './later-steps.js'
import type { Migration } from './migration.js'
import { runIfUnused } from './run-if-unused.js'
import { lockTables, withShortWaits } from './short-waits.js'

/** In the order in which commands lock them. */
const tablesToChange = ['events', 'orders', 'coupons', 'products'] as const

const columns: Readonly<Record<(typeof tablesToChange)[number], readonly string[]>> = {
  events: [],
  orders: ['event_types jsonb'],
  coupons: ['events bigint'],
  products: ['events bigint'],
}

/** Events of one such subject may be many: thousands of copies of one coupon. */
const crowdedTypes = `'coupon.issued', 'product.changed', 'stock.changed', 'stock.sold-out', 'stock.back'`

const orderTypes = `'order.paid', 'order.failed', 'order.cancelled', 'order.expired', 'order.partially-refunded', 'order.refunded'`

/** Every type of event since this migration, for SQL. */
export const typesOfEvents = `'order.placed', ${orderTypes}, 'wallet.charged', 'wallet.granted', 'wallet.withdrawn',
      'wallet.adjusted', 'wallet.expired', ${crowdedTypes}`

/**
 * Rows that are there are checked later, so that no table is read under the lock. The subject of an event that is about no
 * order is in `order_id` after its kind and a space: the unique key, and servers of the release before, tell it from
 * any order.
 */
const constraints = [
  {
    table: 'events',
    name: 'events_type_check',
    condition: `type in (${typesOfEvents})`,
    before: `type in (${orderTypes})`,
  },
  {
    table: 'orders',
    name: 'orders_event_types',
    condition: `event_types is null or jsonb_typeof(event_types) = 'array'`,
  },
  { table: 'coupons', name: 'coupons_events', condition: 'events is null or events > 0' },
  { table: 'products', name: 'products_events', condition: 'events is null or events > 0' },
] as const

const changesOf = (s: string) =>
  tablesToChange.map((table) => {
    const actions = columns[table].map((column) => `add column ${column}`)
    for (const constraint of constraints) {
      if (constraint.table !== table) continue
      if ('before' in constraint) actions.push(`drop constraint ${constraint.name}`)
      actions.push(`add constraint ${constraint.name} check (${constraint.condition}) not valid`)
    }
    return `alter table ${s}.${table} ${actions.join(', ')}`
  })

const steps: readonly LaterStep[] = [
  // The first pending event of each coupon and product, however many wait behind it. Events of orders are not in it.
  index('events_crowded', 'events', `(order_id, sequence) where status = 'pending' and type in (${crowdedTypes})`),
  ...constraints.map(({ name, table }) => validated(name, table)),
]

export const moreEvents: Migration = {
  name: '0010_events',
  sentence:
    'Makes room for events of wallets, coupons and products, and for orders that have events of their own choice.',
  steps,
  async up(trx, s) {
    await withShortWaits(trx, [lockTables(s, tablesToChange), ...changesOf(s)])
    await runIfUnused(trx, s, tablesToChange, steps)
  },
  down: (trx, s) =>
    withShortWaits(trx, [
      lockTables(s, tablesToChange),
      `drop index if exists ${s}.events_crowded`,
      `delete from ${s}.events where type not in (${orderTypes})`,
      ...tablesToChange.map((table) => {
        const own = constraints.filter((each) => each.table === table)
        const actions = own.map(({ name }) => `drop constraint ${name}`)
        for (const each of own) if ('before' in each) actions.push(`add constraint ${each.name} check (${each.before})`)
        for (const column of columns[table]) actions.push(`drop column ${column.split(' ')[0]}`)
        return `alter table ${s}.${table} ${actions.join(', ')}`
      }),
    ]),
}
