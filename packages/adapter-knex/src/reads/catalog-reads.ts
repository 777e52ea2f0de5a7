import { coalesce, type Dated, type ProductReading, type Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { hasPassed, isDrop } from '../database/rules.js'
import type { QueryResult, Raw } from '../database/session.js'
import { prepared, storeTime, withClock } from '../database/statement.js'
import { ids } from '../rows/column.js'
import { products, rankings } from '../rows/row-maps.js'
import { finder, readAlike, rowCount, variants } from './read.js'

/** Escapes `%`, `_` and `\`, which have no special meaning in a search. */
const containing = (keyword: string): string => `%${keyword.replace(/[\\%_]/g, '\\$&')}%`

/** Each uses the keyword, so that all take the same values. The index of listed products serves the first two. */
const conditions = {
  listed: 'listed and $4::text is null',
  listedMatching: 'listed and folded_name like $4::text',
  all: '$4::text is null',
  allMatching: 'folded_name like $4::text',
}

const reading = (row: readonly Raw[], offset: number): ProductReading => ({
  ...products.read(row, offset),
  overdue: Number(row[offset + products.width]),
})

/** Rows of the time and a product; one without a product if none was found. */
const dated = (rows: QueryResult['rows']): Dated<readonly ProductReading[]> => ({
  now: Number(rows[0]?.[0]),
  found: rows.filter((row) => row[1] !== null).map((row) => reading(row, 1)),
})

type CatalogReads = Pick<Reads, 'product' | 'productsWithIds' | 'drops' | 'products' | 'ranking'>

/** `scan` runs queries that may scan a whole table. */
export const catalogReads = ({ names, query, now }: Database, scan: Database['query']): CatalogReads => {
  /** A product, and how many units overdue holds still reserve. */
  const columns = `${products.list('p')}, (
    select coalesce(sum(h.quantity), 0)::bigint from ${names.holds} h
    where h.product_id = p.product_id and ${hasPassed('h.expires_at', storeTime)}
  )`
  const some = prepared(
    `${withClock} select clock.now, ${columns} from clock left join ${names.products} p on p.product_id = any($2::text[])`,
  )
  const drops = prepared(
    `${withClock} select clock.now, ${columns} from clock left join lateral (
       select p.* from ${names.products} p where ${isDrop('p', storeTime)}
       order by p.opens_at nulls first, p.product_id limit $2::bigint
     ) p on true order by p.opens_at nulls first, p.product_id`,
  )
  // A page beyond the end reads nothing. Only ids are sorted and skipped; then the rows of the page are fetched by id.
  const list = variants((which: keyof typeof conditions) => {
    const wanted = conditions[which]
    return `${withClock},
counted as materialized (select count(*) as total from ${names.products} where ${wanted})
select clock.now, counted.total, ${columns}
from clock cross join counted left join (
  select product_id from ${names.products} where ${wanted} and (select total from counted) > $3::bigint
  order by created_at desc, product_id limit $2::bigint offset $3::bigint
) page on true left join ${names.products} p using (product_id)
order by p.created_at desc, p.product_id`
  })
  const ranked = prepared(
    `${withClock}
select clock.now, ${rankings.list('r')}, ${columns}
from clock left join ${names.rankings} r on r.name = 'popular'
left join lateral jsonb_array_elements(r.products) each on true
left join ${names.products} p on p.product_id = each.value ->> 'productId'`,
  )
  const ranking = coalesce(async () => {
    const rows = await query(ranked, [now()])
    const [first = []] = rows
    const at = 1 + rankings.width
    const found = {
      ranking: rankings.readFound(first, 1),
      products: rows.filter((row) => row[at] !== null).map((row) => reading(row, at)),
    }
    return () => ({ now: Number(first[0]), found })
  })
  const readSome = async (productIds: readonly string[]) => dated(await query(some, [now(), ids(productIds)]))
  return {
    product: coalesce(async (productIds) => {
      const { now, found } = await readSome([...new Set(productIds)])
      const find = finder(found, ({ productId }) => productId)
      return (productId) => ({ now, found: find(productId) })
    }),
    productsWithIds: readSome,
    drops: readAlike(
      ({ limit }) => String(limit),
      async ({ limit }) => dated(await query(drops, [now(), rowCount(limit)])),
    ),
    products: readAlike(
      ({ offset, limit, keyword = '', includeUnlisted = false }) => `${offset} ${limit} ${includeUnlisted} ${keyword}`,
      async ({ offset, limit, keyword = '', includeUnlisted = false }) => {
        const pattern = keyword === '' ? null : containing(keyword)
        const values = [now(), rowCount(limit), rowCount(offset), pattern]
        const which = `${includeUnlisted ? 'all' : 'listed'}${pattern === null ? '' : 'Matching'}` as const
        const rows = await scan(list(which), values)
        const found = rows.filter((row) => row[2] !== null).map((row) => reading(row, 2))
        return { now: Number(rows[0]?.[0]), found, total: Number(rows[0]?.[1]) }
      },
    ),
    ranking: () => ranking(undefined),
  }
}
