import type { Migration } from './migration.js'
import { lockTables, withShortWaits } from './short-waits.js'

/** In the order in which commands lock them. */
const tablesToChange = ['orders', 'coupons'] as const

const each = (s: string, action: string) => tablesToChange.map((table) => `alter table ${s}.${table} ${action}`)

/** A server of the release before never writes the column, so it keeps what is there. */
export const metadata: Migration = {
  name: '0009_metadata',
  sentence: 'Makes room for data of your own on orders and coupons.',
  up: (trx, s) => withShortWaits(trx, [lockTables(s, tablesToChange), ...each(s, 'add column metadata json')]),
  down: (trx, s) => withShortWaits(trx, [lockTables(s, tablesToChange), ...each(s, 'drop column metadata')]),
}
