import type { Migration } from './migration.js'
import { withShortWaits } from './short-waits.js'

/** In the order in which commands lock them. */
const tablesToChange = ['orders', 'coupons'] as const

const lock = (s: string) =>
  `lock table ${tablesToChange.map((table) => `${s}.${table}`).join(', ')} in access exclusive mode`

const each = (s: string, action: string) => tablesToChange.map((table) => `alter table ${s}.${table} ${action}`)

/** A server of the release before never writes the column, so it keeps what is there. */
export const metadata: Migration = {
  name: '0009_metadata',
  sentence: 'Makes room for data of your own on orders and coupons.',
  up: (trx, s) => withShortWaits(trx, [lock(s), ...each(s, 'add column metadata json')]),
  down: (trx, s) => withShortWaits(trx, [lock(s), ...each(s, 'drop column metadata')]),
}
