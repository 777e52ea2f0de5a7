import type { Database } from '../database/database.js'
import { committing } from '../database/statement.js'

/** How many notes one statement adds up: a fraction of a second, even if each names hundreds of products. */
const notesAtOnce = 500

/** Adds the notes of sales that groups have written to the daily sums. Before that, every reader of the sums counts the notes, too. */
export const addUpSalesOn = ({ names, query }: Pick<Database, 'names' | 'query'>): (() => Promise<void>) => {
  // In the order of the keys, so that two servers that add up never deadlock.
  const addUp = committing(
    `with notes as (
       delete from ${names.recent_sales}
       where ctid = any(array(select ctid from ${names.recent_sales} limit ${notesAtOnce} for update skip locked))
       returning time_zone, day, product_ids, sold
     ), added as (
       insert into ${names.daily_sales} as d (time_zone, day, product_id, sold)
       select notes.time_zone, notes.day, n.product_id, sum(n.sold)
       from notes cross join lateral unnest(notes.product_ids, notes.sold) n(product_id, sold)
       group by 1, 2, 3 order by 1, 2, 3
       on conflict (time_zone, day, product_id) do update set sold = d.sold + excluded.sold
     )
     select count(*) from notes`,
  )
  return async () => {
    for (let added = notesAtOnce; added === notesAtOnce; ) added = Number((await query(addUp, []))[0]?.[0])
  }
}
