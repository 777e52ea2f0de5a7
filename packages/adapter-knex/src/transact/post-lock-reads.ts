import type { CouponTerms, Hold, Keys, Loaded, SalesCandidate, StoredOutcome } from '@shop/core/store'
import type { Names } from '../database/names.js'
import type { QueryStep, Raw } from '../database/session.js'
import { fromInstant, prepared, type Statement, withClock } from '../database/statement.js'
import { encode, ids, rowsFrom } from '../rows/column.js'
import { couponTerms, holds, outcomes } from '../rows/row-maps.js'

/** What is read after the locks are held: the time, and all that needs no lock of its own. */
export type PostLockReads = Pick<Loaded, 'now' | 'holds' | 'outcomes' | 'users' | 'terms' | 'sales'>

/** A part of the statement; it answers with one JSON array. */
interface Part {
  readonly needed: (keys: Keys) => boolean
  readonly values: (keys: Keys) => readonly string[]
  readonly sql: (names: Names, first: number, keys: Keys) => string
}

const arrayOfAll = (element: string, from: string): string => `(select coalesce(json_agg(${element}), '[]') ${from})`

const holdsOfOrders: Part = {
  needed: ({ orders }) => orders.length > 0,
  values: ({ orders }) => [ids(orders)],
  sql: (names, first) => `select h.* from ${names.holds} h where h.order_id = any($${first}::text[])`,
}

const overdueHolds: Part = {
  needed: ({ products }) => products.length > 0,
  values: ({ products }) => [ids(products)],
  sql: (names, first) =>
    `select h.* from ${names.holds} h where h.product_id = any($${first}::text[]) and h.expires_at <= (select time from clock)`,
}

/** Both at once: `union` leaves one of each. */
const holdParts = [holdsOfOrders, overdueHolds] as const

/**
 * The products that sold best, ties with the last place among them: core decides between those. Products are looked up
 * from the best sold on, and only until enough are found that are listed: `offset 0` keeps that order of work.
 */
const bestSold = (names: Names, first: number): string =>
  arrayOfAll(
    `json_build_array(c.product_id, c.name, c.price, c.sold, coalesce(v.views, 0), ${fromInstant('c.created_at')})`,
    `from (
      select s.product_id, s.sold, p.name, p.price, p.created_at from (
        select d.product_id, sum(d.sold)::bigint as sold from ${names.daily_sales} d
        where d.time_zone = $${first}::text and d.day between $${first + 1}::date and $${first + 2}::date
        group by d.product_id having sum(d.sold) > 0 order by sold desc
      ) s cross join lateral (
        select p.name, p.price, p.created_at from ${names.products} p where p.product_id = s.product_id and p.listed offset 0
      ) p order by s.sold desc fetch first ($${first + 3}::bigint) rows with ties
    ) c left join ${names.product_views} v using (product_id)`,
  )

const parts = {
  outcomes: {
    needed: (keys) => keys.outcomes.length > 0,
    values: ({ outcomes }) => [
      encode('text', outcomes, ({ scope }) => scope),
      encode('text', outcomes, ({ key }) => key),
    ],
    sql: (names, first) =>
      arrayOfAll(
        outcomes.json('o'),
        `from ${rowsFrom(outcomes.key, 'k', first)} join ${names.outcomes} o using (scope, key)`,
      ),
  },
  users: {
    needed: ({ users }) => users.length > 0,
    values: ({ users }) => [ids(users)],
    sql: (names, first) => arrayOfAll('w.user_id', `from ${names.wallets} w where w.user_id = any($${first}::text[])`),
  },
  terms: {
    needed: ({ terms }) => terms.length > 0,
    values: ({ terms }) => [ids(terms)],
    sql: (names, first) =>
      arrayOfAll(couponTerms.json('c'), `from ${names.coupons} c where c.coupon_id = any($${first}::text[])`),
  },
  // One list per key, in the order of the keys.
  sales: {
    needed: ({ sales }) => sales.length > 0,
    values: ({ sales }) => sales.flatMap(({ timeZone, from, to, size }) => [timeZone, from, to, String(size)]),
    sql: (names, first, { sales }) =>
      `json_build_array(${sales.map((_, index) => bestSold(names, first + 4 * index)).join(', ')})`,
  },
} as const satisfies Record<string, Part>

const partNames = Object.keys(parts) as (keyof typeof parts)[]

/** Whether there is more to read than the time. */
export const needsPostLockReads = (keys: Keys): boolean =>
  holdParts.some(({ needed }) => needed(keys)) || partNames.some((name) => parts[name].needed(keys))

const statementFor = (names: Names, keys: Keys): string => {
  let first = 2
  const next = (part: Part): string => {
    const sql = part.sql(names, first, keys)
    first += part.values(keys).length
    return sql
  }
  const wantedHolds = holdParts.filter(({ needed }) => needed(keys)).map(next)
  const held = wantedHolds.length > 0 ? arrayOfAll(holds.json('h'), `from (${wantedHolds.join(' union ')}) h`) : 'null'
  const rest = partNames.map((name) => (parts[name].needed(keys) ? next(parts[name]) : 'null'))
  return `${withClock}\nselect clock.now, ${[held, ...rest].join(',\n  ')}\nfrom clock`
}

/** One statement for everything that is not locked; parts that nobody asked for are left out of it. */
export const postLockReadStep = (names: Names): ((keys: Keys, now: number | null) => QueryStep) => {
  const statements = new Map<string, Statement>()
  return (keys, now) => {
    const wanted = [...holdParts, ...partNames.map((name) => parts[name])]
    const shape = [...wanted.map(({ needed }) => needed(keys)), keys.sales.length].join(' ')
    let statement = statements.get(shape)
    if (!statement) {
      statement = prepared(statementFor(names, keys))
      statements.set(shape, statement)
    }
    return { statement, values: [now, ...wanted.flatMap((part) => (part.needed(keys) ? part.values(keys) : []))] }
  }
}

const listIn = <T>(raw: Raw | undefined, row: (values: readonly unknown[]) => T): T[] =>
  raw ? (JSON.parse(raw) as (readonly unknown[])[]).map(row) : []

const candidate = ([productId, name, price, sold, views, createdAt]: readonly unknown[]): SalesCandidate =>
  ({ productId, name, price, sold, views, createdAt }) as SalesCandidate

export const decodePostLockReads = ([now, held, kept, users, terms, sales]: readonly Raw[]): PostLockReads => ({
  now: Number(now),
  holds: listIn<Hold>(held, (values) => holds.fromJson(values)),
  outcomes: listIn<StoredOutcome>(kept, (values) => outcomes.fromJson(values)),
  users: users ? (JSON.parse(users) as string[]) : [],
  terms: listIn<CouponTerms>(terms, (values) => couponTerms.fromJson(values)),
  sales: listIn(sales, (list) => (list as (readonly unknown[])[]).map(candidate)),
})

export const noPostLockReads = (now: number): PostLockReads => ({
  now,
  holds: [],
  outcomes: [],
  users: [],
  terms: [],
  sales: [],
})
