import type { Upkeep } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { committing, withClock } from '../database/statement.js'
import { rowCount } from '../reads/read.js'
import { encode } from '../rows/column.js'
import { addUpSalesOn } from './add-up-sales.js'
import { ensureSalesOn } from './ensure-sales.js'
import { recordRefundsOn } from './record-refunds.js'

/** What is purged: which rows, the time from which their age counts, and the setting for the age. */
const purged = (names: Database['names']) =>
  [
    { table: names.outcomes, key: 'scope, key', since: 'at', which: 'true', age: 'outcomesMs' },
    { table: names.events, key: 'event_id', since: 'sent_at', which: "status = 'sent'", age: 'sentEventsMs' },
    { table: names.groups, key: 'group_id', since: 'at', which: 'true', age: 'groupsMs' },
  ] as const

export const upkeepOn = (database: Database): Upkeep => {
  const { names, query, now } = database
  // Sorted, so that two servers never deadlock.
  const addViews = committing(
    `insert into ${names.product_views} as v (product_id, views)
     select n.product_id, n.views from unnest($1::text[], $2::bigint[]) as n(product_id, views)
     join ${names.products} p using (product_id) order by n.product_id collate "C"
     on conflict (product_id) do update set views = v.views + excluded.views`,
  )
  // Materialized, because a plan may evaluate the rows behind `in` several times, each time with a new limit.
  const purges = purged(names).map(({ table, key, since, which, age }) => ({
    age,
    statement: committing(`${withClock},
old as materialized (
  select ${key} from ${table} where ${which} and ${since} < (select time from clock) - $2::bigint * interval '1 millisecond'
  order by ${since} limit $3::bigint for update skip locked
),
gone as (delete from ${table} where (${key}) in (select ${key} from old) returning true)
select count(*) from gone`),
  }))
  const recordRefunds = recordRefundsOn(database)
  const addUpSales = addUpSalesOn(database)
  return {
    async addViews(views) {
      const counted = [...views]
      if (counted.length === 0) return
      await query(addViews, [encode('text', counted, ([id]) => id), encode('number', counted, ([, count]) => count)])
    },
    async purge(retention, limit) {
      // Nothing to do as soon as all servers run this release.
      await recordRefunds()
      await addUpSales()
      let count = 0
      for (const { age, statement } of purges) {
        const [row] = await query(statement, [now(), Math.round(retention[age]), rowCount(limit)])
        count += Number(row?.[0])
      }
      return count
    },
    ensureSales: ensureSalesOn(database),
    addUpSales,
  }
}
