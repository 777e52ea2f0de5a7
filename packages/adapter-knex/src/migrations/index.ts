import type { Knex } from 'knex'
import { tables } from './0001-tables.js'
import { productSearch } from './0002-product-search.js'
import { roomForHotRows } from './0003-room-for-hot-rows.js'
import { refoldNames } from './0004-refold-names.js'
import { lengthOfLeases } from './0005-length-of-leases.js'
import { traceOfEvents } from './0006-trace-of-events.js'
import { money } from './0007-money.js'
import { drop } from './0008-drop.js'
import { metadata } from './0009-metadata.js'
import { moreEvents } from './0010-events.js'
import { history } from './0011-history.js'
import { payments } from './0012-payments.js'
import { deadlines } from './0013-deadlines.js'
import { recentSales } from './0014-recent-sales.js'
import type { Migration } from './migration.js'

export const migrations: readonly Migration[] = [
  tables,
  productSearch,
  roomForHotRows,
  refoldNames,
  lengthOfLeases,
  traceOfEvents,
  money,
  drop,
  metadata,
  moreEvents,
  history,
  payments,
  deadlines,
  recentSales,
]

/** The migrations as a source for knex. They are not read from files, so they also work in a bundled application. */
export const migrationSource = (quotedSchema: string): Knex.MigrationSource<Migration> => ({
  getMigrations: async () => [...migrations],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ up, down }) => ({
    up: (trx) => up(trx, quotedSchema),
    down: (trx) => down(trx, quotedSchema),
  }),
})
