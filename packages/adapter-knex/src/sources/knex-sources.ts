import type { Clock, Day, Instant, SalesCandidate } from '@shop/core/store'
import type { Knex } from 'knex'
import { isLogHidden } from '../database/classify-error.js'
import { openDatabase } from '../database/database.js'
import type { PgPool } from '../database/pg-pool.js'
import { databaseNow, fromInstant, prepared } from '../database/statement.js'
import { noTimeline, timeline } from '../database/timeline.js'
import { rowCount } from '../reads/read.js'
import { encode } from '../rows/column.js'

/** Options of `knexSources`. */
export interface KnexSourcesOptions {
  /**
   * The Postgres schema of the shop's tables.
   * @default 'shop'
   */
  readonly schema?: string
  /**
   * The clock, as for the store.
   * @default The database's.
   */
  readonly clock?: Clock
  /**
   * As for the store: `false` if statements have no names.
   * @default true
   */
  readonly prepared?: boolean | undefined
}

/** Reads with which copies outside the database are filled. Each sees everything that committed before it began. */
export interface KnexSources {
  /**
   * The database's identity and time (milliseconds since the epoch).
   *
   * - `id` names one history of the data. It differs between clusters, databases and schemas. It changes whenever Postgres
   *   starts, and after a restore from files, from a dump, or to a point in time. Rewriting a table (`truncate`,
   *   `vacuum full`) changes it, too.
   * - `place` names the cluster, database and schema, and stays the same. Use it for state that is not a copy of data.
   */
  database(): Promise<{ readonly id: string; readonly place: string; readonly now: Instant }>
  /** Users who have a coupon: at most `limit` ids, ascending, each greater than `after`. */
  issuedUsers(query: {
    readonly couponId: string
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly string[]>
  /** Units sold by product id, for every product with sales on that day of the time zone. */
  dailySums(day: Day, timeZone: string): Promise<ReadonlyMap<string, number>>
  /** Those of the products that are listed, with the fields that break ties in a ranking. */
  rankables(productIds: readonly string[]): Promise<readonly Omit<SalesCandidate, 'sold'>[]>
}

/** Creates the reads over the Knex of a store. They never end the Knex, and reject with a `StoreError`. */
export const knexSources = (knex: Knex | PgPool, options: KnexSourcesOptions = {}): KnexSources => {
  const { names, query, now } = openDatabase(knex, options)
  // A restore to a point in time begins a new timeline; a restored dump creates new files. Nothing in older files of the
  // same cluster says that they are older, but Postgres must be started on them.
  const identityWith = (history: string) =>
    prepared(`select concat_ws('.', place, ${history},
       (date_part('epoch', pg_postmaster_start_time()) * 1000000)::bigint,
       pg_relation_filenode('${names.issued_coupons}'::regclass), pg_relation_filenode('${names.coupons}'::regclass)),
     place, coalesce($1::bigint, ${databaseNow})
     from (select concat_ws('.', (select system_identifier from pg_control_system()),
       (select oid from pg_database where datname = current_database()), '${names.coupons}'::regclass::oid) as place) here`)
  let identity = identityWith(timeline)
  const issued = prepared(
    `select user_id from ${names.issued_coupons} where coupon_id = $1::text and user_id > $2::text
     order by user_id limit $3::bigint`,
  )
  const sums = prepared(
    `select product_id, sum(sold) from ${names.sales_of_days} where time_zone = $1::text and day = $2::date
     group by product_id having sum(sold) <> 0`,
  )
  const listed = prepared(
    `select p.product_id, p.name, p.price, coalesce(v.views, 0), ${fromInstant('p.created_at')}
     from ${names.products} p left join ${names.product_views} v using (product_id)
     where p.listed and p.product_id = any($1::text[])`,
  )
  return {
    async database() {
      const [row = []] = await query(identity, [now()]).catch((error: unknown) => {
        if (!isLogHidden(error)) throw error
        identity = identityWith(noTimeline)
        return query(identity, [now()])
      })
      return { id: String(row[0]), place: String(row[1]), now: Number(row[2]) }
    },
    async issuedUsers({ couponId, after = '', limit }) {
      const rows = await query(issued, [couponId, after, rowCount(limit)])
      return rows.map(([userId]) => String(userId))
    },
    async dailySums(day, timeZone) {
      const rows = await query(sums, [timeZone, day])
      return new Map(rows.map(([productId, sold]) => [String(productId), Number(sold)]))
    },
    async rankables(productIds) {
      const rows = await query(listed, [encode('text', productIds, (productId) => productId)])
      return rows.map(([productId, name, price, views, createdAt]) => ({
        productId: String(productId),
        name: String(name),
        price: Number(price),
        views: Number(views),
        createdAt: Number(createdAt),
      }))
    },
  }
}
