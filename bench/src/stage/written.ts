import { setTimeout } from 'node:timers/promises'
import { query } from './postgres.js'

/** Row versions that were written into one table. */
export interface Written {
  readonly inserted: number
  readonly updated: number
  readonly removed: number
}

const othersSql = `select count(*)::int as others from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`

const writtenSql = `select relname as name, n_tup_ins as inserted, n_tup_upd as updated, n_tup_del as removed
  from pg_stat_user_tables where schemaname = 'shop' and n_tup_ins + n_tup_upd + n_tup_del > 0 order by relname`

/**
 * What was written into each table of the shop since the database was created. Backends count completely when they end,
 * so this waits up to 10 s for all others.
 */
export const writtenIn = async (url: string): Promise<ReadonlyMap<string, Written>> => {
  const until = performance.now() + 10_000
  for (;;) {
    const [row] = await query(url, othersSql)
    if (row?.['others'] === 0) break
    if (performance.now() > until) throw new Error('connections to the database are still open')
    await setTimeout(20)
  }
  const rows = await query(url, writtenSql)
  return new Map(
    rows.map(({ name, inserted, updated, removed }) => [
      String(name),
      { inserted: Number(inserted), updated: Number(updated), removed: Number(removed) },
    ]),
  )
}
