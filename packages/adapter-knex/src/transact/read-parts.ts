import type { Keys, StoredReferenceKey } from '@shop/core/store'
import type { Names } from '../database/names.js'
import { foldCode, hasPassed } from '../database/rules.js'
import { fromInstant, isOneOf, lookedUp, storeTime } from '../database/statement.js'
import { encode, ids, rowsFrom } from '../rows/column.js'
import { couponTerms, entries, outcomes, references } from '../rows/row-maps.js'
import { arrayOfAll, openOrdersOf, unitsOf } from './users-orders.js'

/** A part of the statement that reads after the locks; it answers with one JSON array. */
export interface Part {
  readonly needed: (keys: Keys) => boolean
  readonly values: (keys: Keys) => readonly string[]
  readonly sql: (names: Names, first: number, keys: Keys) => string
}

const holdsOfOrders: Part = {
  needed: ({ lock: { orders } }) => orders.length > 0,
  values: ({ lock: { orders } }) => [ids(orders)],
  sql: (names, first) => `select h.* from ${names.holds} h where ${isOneOf('h.order_id', `$${first}`)}`,
}

/** Product by product: Postgres then uses both columns of the index, whatever statistics say. */
const overdueHolds: Part = {
  needed: ({ lock: { products } }) => products.length > 0,
  values: ({ lock: { products } }) => [ids(products)],
  sql: (names, first) =>
    `select h.* from ${lookedUp({
      keys: `unnest($${first}::text[]) k(product_id)`,
      key: [{ name: 'product_id' }],
      table: names.holds,
      alias: 'h',
      condition: hasPassed('h.expires_at', storeTime),
    })}`,
}

/** Both at once: `union` leaves one of each. */
export const holdParts = [holdsOfOrders, overdueHolds] as const

/**
 * The products that sold best, ties with the last place among them: core decides between those. Products are looked up
 * from the best sold on, and only until enough are found that are listed: `offset 0` keeps that order of work.
 */
const bestSold = (names: Names, first: number): string =>
  arrayOfAll(
    `json_build_array(c.product_id, c.name, c.price, c.sold, coalesce(v.views, 0), ${fromInstant('c.created_at')})`,
    `from (
      select s.product_id, s.sold, p.name, p.price, p.created_at from (
        select d.product_id, sum(d.sold)::bigint as sold from ${names.sales_of_days} d
        where d.time_zone = $${first}::text and d.day between $${first + 1}::date and $${first + 2}::date
        group by d.product_id having sum(d.sold) > 0 order by sold desc
      ) s cross join lateral (
        select p.name, p.price, p.created_at from ${names.products} p where p.product_id = s.product_id and p.listed offset 0
      ) p order by s.sold desc fetch first ($${first + 3}::bigint) rows with ties
    ) c left join lateral (
      select v.views from ${names.product_views} v where v.product_id = c.product_id offset 0
    ) v on true`,
  )

/** The coupons that have one of these folded codes. */
export const withCode = (names: Names, codes: string): string =>
  `${names.coupons} c where c.code is not null and ${isOneOf(foldCode('c.code'), codes)}`

export const parts = {
  outcomes: {
    needed: ({ read }) => read.outcomes.length > 0,
    values: ({ read: { outcomes } }) => [
      encode('text', outcomes, ({ scope }) => scope),
      encode('text', outcomes, ({ key }) => key),
    ],
    sql: (names, first) =>
      arrayOfAll(
        outcomes.json('o'),
        `from ${lookedUp({ keys: rowsFrom(outcomes.key, 'k', first), key: outcomes.key, table: names.outcomes, alias: 'o' })}`,
      ),
  },
  references: {
    needed: ({ read }) => read.references.length > 0,
    values: ({ read }) =>
      references.key.map(({ kind, field }) =>
        encode(kind, read.references, (key) => key[field as keyof StoredReferenceKey]),
      ),
    sql: (names, first) =>
      arrayOfAll(
        references.json('r'),
        `from ${lookedUp({
          keys: rowsFrom(references.key, 'k', first),
          key: references.key,
          table: names.permanent_references,
          alias: 'r',
        })}`,
      ),
  },
  // Not a join: where statistics say that hardly any entry has a reference, that would read the whole index.
  referencedEntries: {
    needed: ({ read }) => read.referencedEntries.length > 0,
    values: ({ read: { referencedEntries } }) => [
      ids(referencedEntries.map(({ reference }) => reference)),
      ids(referencedEntries.map(({ kind, reference }) => `${kind}:${reference}`)),
    ],
    sql: (names, first) =>
      arrayOfAll(
        entries.json('e'),
        `from ${names.wallet_entries} e
      where ${isOneOf('e.reference', `$${first}`)} and ${isOneOf(`e.kind || ':' || e.reference`, `$${first + 1}`)}`,
      ),
  },
  openings: {
    needed: ({ read: { openings } }) => openings.length > 0,
    values: ({ read: { openings } }) => [ids(openings)],
    sql: (names, first) =>
      arrayOfAll(
        entries.json('e'),
        `from ${names.wallet_entries} e where ${isOneOf('e.user_id', `$${first}`)} and e.sequence = 1 and e.kind = 'opening'`,
      ),
  },
  openOrders: {
    needed: ({ read: { openOrders } }) => openOrders.length > 0,
    values: ({ read: { openOrders } }) => [ids(openOrders)],
    sql: (names, first) => openOrdersOf(names, `$${first}::text[]`, storeTime),
  },
  couponCodes: {
    needed: ({ read: { couponCodes } }) => couponCodes.length > 0,
    values: ({ read: { couponCodes } }) => [ids(couponCodes)],
    sql: (names, first) =>
      arrayOfAll(
        `json_build_array(${foldCode('c.code')}, c.coupon_id)`,
        `from ${withCode(names, `$${first}::text[]`)}`,
      ),
  },
  users: {
    needed: ({ read: { users } }) => users.length > 0,
    values: ({ read: { users } }) => [ids(users)],
    sql: (names, first) =>
      arrayOfAll('w.user_id', `from ${names.wallets} w where ${isOneOf('w.user_id', `$${first}`)}`),
  },
  terms: {
    needed: ({ read: { terms } }) => terms.length > 0,
    values: ({ read: { terms } }) => [ids(terms)],
    sql: (names, first) =>
      arrayOfAll(couponTerms.json('c'), `from ${names.coupons} c where ${isOneOf('c.coupon_id', `$${first}`)}`),
  },
  // One list per key, in the order of the keys.
  sales: {
    needed: ({ read: { sales } }) => sales.length > 0,
    values: ({ read: { sales } }) =>
      sales.flatMap(({ timeZone, from, to, size }) => [timeZone, from, to, String(size)]),
    sql: (names, first, { read: { sales } }) =>
      `json_build_array(${sales.map((_, index) => bestSold(names, first + 4 * index)).join(', ')})`,
  },
} as const satisfies Record<string, Part>

/** Products that are not locked may have a limit or not: the same statement finds out. */
export const purchasesOfLimited: Part = {
  needed: ({ lock: { products }, read: { buyers } }) => products.length > 0 && buyers.length > 0,
  values: ({ lock: { products }, read: { buyers } }) => [ids(products), ids(buyers)],
  sql: (names, first) =>
    unitsOf(names, {
      products: `(
        select array_agg(p.product_id) from ${names.products} p
        where ${isOneOf('p.product_id', `$${first}`)} and p.purchase_limit is not null
      )`,
      users: `$${first + 1}::text[]`,
      time: storeTime,
    }),
}
