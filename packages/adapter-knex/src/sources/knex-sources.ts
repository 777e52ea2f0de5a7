import type { Clock, Day, Instant, SalesCandidate } from '@shop/core/store'
import type { Knex } from 'knex'
import { openDatabase } from '../database/database.js'
import { databaseNow, fromInstant, prepared } from '../database/statement.js'
import { rowCount } from '../reads/read.js'
import { encode } from '../rows/column.js'

export interface KnexSourcesOptions {
  /** The Postgres schema of our tables: `shop`, where left out. */
  readonly schema?: string
  /** As for the store: the database's, where left out. */
  readonly clock?: Clock
}

/** What copies outside the database are filled from: plain reads, each of what was committed before it began. */
export interface KnexSources {
  /**
   * Whose data it is, and what the time is there.
   *
   * - `id` stands for one history of the data: it is another one for every cluster, database and schema, after each start
   *   of Postgres, and after a restore: of files, from a dump, or to a point in time. Rewriting a table (`truncate`,
   *   `vacuum full`) changes it, too.
   * - `place` stands for the cluster, database and schema, whatever the data has been through: for what is not about data.
   */
  database(): Promise<{ readonly id: string; readonly place: string; readonly now: Instant }>
  /** Users who have been issued a coupon, by id, those behind `after`. */
  issuedUsers(query: {
    readonly couponId: string
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly string[]>
  /** Units by product, all products that have a sum on that day. */
  dailySums(day: Day, timeZone: string): Promise<ReadonlyMap<string, number>>
  /** Those of the products that are listed, with what breaks a tie between them. */
  rankables(productIds: readonly string[]): Promise<readonly Omit<SalesCandidate, 'sold'>[]>
}

/** Over the same Knex as the store, which it borrows. */
export const knexSources = (knex: Knex, { schema, clock }: KnexSourcesOptions = {}): KnexSources => {
  const { names, query, now } = openDatabase(knex, { schema, clock })
  // A restore to a point in time begins a new timeline; a dump comes back into new files. Older files of the same cluster
  // tell by nothing in them that they are older: but Postgres has to be started on them.
  const sign = prepared(
    `select concat_ws('.', place, left(pg_walfile_name(pg_current_wal_lsn()), 8),
       (date_part('epoch', pg_postmaster_start_time()) * 1000000)::bigint,
       pg_relation_filenode('${names.issued_coupons}'::regclass), pg_relation_filenode('${names.coupons}'::regclass)),
     place, coalesce($1::bigint, ${databaseNow})
     from (select concat_ws('.', (select system_identifier from pg_control_system()),
       (select oid from pg_database where datname = current_database()), '${names.coupons}'::regclass::oid) as place) here`,
  )
  const issued = prepared(
    `select user_id from ${names.issued_coupons} where coupon_id = $1::text and user_id > $2::text
     order by user_id limit $3::bigint`,
  )
  const sums = prepared(
    `select product_id, sold from ${names.daily_sales} where time_zone = $1::text and day = $2::date and sold <> 0`,
  )
  const listed = prepared(
    `select p.product_id, p.name, p.price, coalesce(v.views, 0), ${fromInstant('p.created_at')}
     from ${names.products} p left join ${names.product_views} v using (product_id)
     where p.listed and p.product_id = any($1::text[])`,
  )
  return {
    async database() {
      const [row = []] = await query(sign, [now()])
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
