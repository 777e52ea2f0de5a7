import { type Migration, run } from './migration.js'
import { sameGrants } from './same-grants.js'
import { lockTables, withShortWaits } from './short-waits.js'

const id = 'text collate "C"'

/** Adds up what groups have sold. Without rows, nothing is written. */
const addedUp = (s: string) => `insert into ${s}.daily_sales as d (time_zone, day, product_id, sold)
  select r.time_zone, r.day, n.product_id, sum(n.sold)
  from ${s}.recent_sales r cross join lateral unnest(r.product_ids, r.sold) n(product_id, sold) group by 1, 2, 3
  on conflict (time_zone, day, product_id) do update set sold = d.sold + excluded.sold`

export const recentSales: Migration = {
  name: '0014_recent_sales',
  sentence: 'Lets a group note what it sold in one row, which is later added to the sums of days.',
  up: (trx, s) =>
    run(trx, [
      `create table ${s}.recent_sales (
        time_zone ${id} not null,
        day date not null,
        product_ids text[] collate "C" not null,
        sold bigint[] not null,
        constraint recent_sales_pairs check (cardinality(product_ids) = cardinality(sold))
      )`,
      `create view ${s}.sales_of_days as
       select time_zone, day, product_id, sold from ${s}.daily_sales
       union all
       select r.time_zone, r.day, n.product_id, n.sold
       from ${s}.recent_sales r cross join lateral unnest(r.product_ids, r.sold) n(product_id, sold)`,
      sameGrants(`${s}.daily_sales`, `${s}.recent_sales`, ['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
      sameGrants(`${s}.daily_sales`, `${s}.sales_of_days`, ['SELECT']),
    ]),
  down: (trx, s) =>
    withShortWaits(trx, [
      lockTables(s, ['recent_sales']),
      addedUp(s),
      `drop view ${s}.sales_of_days`,
      `drop table ${s}.recent_sales`,
    ]),
}
