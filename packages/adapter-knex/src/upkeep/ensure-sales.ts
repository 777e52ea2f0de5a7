import type { Upkeep } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { everythingLeft } from '../database/rules.js'
import { assertCommitted, commit, type QueryResult } from '../database/session.js'
import { noTransactionTimeout } from '../database/settings.js'
import { plain, prepared } from '../database/statement.js'

/** Rebuilding the sums reads every paid order. */
const rebuildTimeoutMs = 10 * 60_000

/**
 * The daily sums are up to date if they are marked with the zone and contain no day of another one. A server that still
 * runs with the old zone would add such days.
 */
export const ensureSalesOn = ({ names, query, borrow }: Database): Upkeep['ensureSales'] => {
  const inStep = prepared(
    `select exists (select from ${names.sales_zone} where time_zone = $1::text)
       and not exists (select from ${names.daily_sales} where time_zone < $1::text collate "C")
       and not exists (select from ${names.daily_sales} where time_zone > $1::text collate "C")
       and not exists (select from ${names.recent_sales} where time_zone <> $1::text)`,
  )
  // The lock waits for payments and refunds in progress, and blocks later ones, because each writes to one of these tables.
  const begin = plain('begin isolation level read committed')
  // In the order in which adding up locks them.
  const lock = plain(`set local lock_timeout = ${rebuildTimeoutMs}; set local statement_timeout = ${rebuildTimeoutMs};
${noTransactionTimeout};
lock table ${names.recent_sales}, ${names.daily_sales} in share row exclusive mode`)
  const clear = [names.daily_sales, names.recent_sales].map((table) => plain(`delete from ${table}`))
  const rebuild = prepared(
    `insert into ${names.daily_sales} (time_zone, day, product_id, sold)
     select $1::text, (o.paid_at at time zone $1::text)::date as day, l.product_id, sum(l.units)
     from ${names.orders} o cross join lateral ${everythingLeft('o')} l
     where o.status = 'paid' group by 2, 3 having sum(l.units) <> 0`,
  )
  const mark = prepared(
    `insert into ${names.sales_zone} (time_zone) values ($1::text) on conflict (single) do update set time_zone = excluded.time_zone`,
  )
  return async (timeZone, { rebuild: isForced = false } = {}) => {
    const isInStep = async (ask: () => Promise<QueryResult['rows']>) => !isForced && (await ask())[0]?.[0] === 't'
    if (await isInStep(() => query(inStep, [timeZone]))) return false
    return borrow(
      async (session) => {
        try {
          await session.send(session.beginning(begin))
          await session.send(lock)
          const isDone = await isInStep(async () => (await session.send(inStep, [timeZone])).rows)
          if (!isDone) {
            for (const each of clear) await session.send(each)
            await session.send(rebuild, [timeZone])
            await session.send(mark, [timeZone])
          }
          assertCommitted(await session.send(commit))
          return !isDone
        } catch (error) {
          await session.rollBack()
          throw error
        }
      },
      { queryTimeoutMs: rebuildTimeoutMs },
    )
  }
}
