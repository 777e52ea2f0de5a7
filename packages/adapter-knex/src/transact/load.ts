import type { CouponTerms, Hold, IssuedCouponKey, SalesCandidate } from '@shop/core/commands'
import {
  type Keys,
  type Loaded,
  type LockName,
  lockOrder,
  nothingLoaded,
  type Rows,
  type StoredOutcome,
  type StoredReference,
  type StoredReferenceKey,
  type Transactor,
  type WalletEntry,
} from '@shop/core/store'
import type { Names } from '../database/names.js'
import { hasPassed } from '../database/rules.js'
import type { QueryResult, QueryStep, Raw } from '../database/session.js'
import { databaseNow, fromInstant, prepared, type Statement, storeTime, withClock } from '../database/statement.js'
import { type Column, encode, ids, rowsFrom } from '../rows/column.js'
import { couponTerms, entries, holds, outcomes, references, rowMaps } from '../rows/row-maps.js'

/** The keys of one list, as parameters: one for each column of the key. */
export const keyValues = ({ lock }: Pick<Keys, 'lock'>, name: LockName): readonly string[] => {
  const keys: readonly (string | IssuedCouponKey)[] = lock[name]
  return rowMaps[name].map.key.map(({ kind, field }) =>
    encode(kind, keys, (key) => (typeof key === 'string' ? key : key[field as keyof IssuedCouponKey])),
  )
}

/** The rows of a table that have the keys, whose parameters begin at `first`. */
export const found = (names: Names, name: LockName, first = 1): string => {
  const { map, table } = rowMaps[name]
  const [key, ...more] = map.key
  if (key && more.length === 0) return `from ${names[table]} t where t.${key.name} = any($${first}::text[])`
  return `from ${rowsFrom(map.key, 'k', first)} join ${names[table]} t using (${map.key.map(({ name }) => name).join(', ')})`
}

const keyOrder = (key: readonly Column[]): string => key.map(({ name }) => `t.${name}`).join(', ')

/** Locks rows in the order of their keys, and returns their locked versions, which may be newer than the snapshot. */
const lockStatement = (names: Names, name: LockName): string => {
  const { map } = rowMaps[name]
  return `select ${map.list('t')} ${found(names, name)} order by ${keyOrder(map.key)} for no key update of t`
}

/** The same, with the time at which the last row was locked as the first column. Without rows, one row with the time. */
const lockWithTime = (names: Names, name: LockName): string => {
  const columns = Array.from({ length: rowMaps[name].map.width }, (_, index) => `c${index}`)
  return `with locked(${columns.join(', ')}) as materialized (${lockStatement(names, name)})
select after.now, locked.* from (
  select ${databaseNow} as now from (select count(*) from locked) counted
) after left join locked on true`
}

export interface LockStep extends QueryStep {
  readonly name: LockName
  /** Whether the first column is the time. */
  readonly hasTime: boolean
}

/** One step for each list that has keys. With `time`, the last one returns the time. */
export type LockSteps = (keys: Keys, options: { readonly time: boolean }) => readonly LockStep[]

export const lockSteps = (names: Names): LockSteps => {
  const each = (text: (names: Names, name: LockName) => string) =>
    Object.fromEntries(lockOrder.map((name) => [name, prepared(text(names, name))])) as Record<LockName, Statement>
  const plain = each(lockStatement)
  const timed = each(lockWithTime)
  return (keys, { time }) => {
    const wanted = lockOrder.filter((name) => keys.lock[name].length > 0)
    return wanted.map((name, index) => {
      const hasTime = time && index === wanted.length - 1
      return { name, hasTime, statement: (hasTime ? timed : plain)[name], values: keyValues(keys, name) }
    })
  }
}

/** What is read after the locks are held: the time, and all that needs no lock of its own. */
export type PostLockReads = Pick<
  Loaded,
  'now' | 'holds' | 'outcomes' | 'references' | 'referencedEntries' | 'users' | 'terms' | 'sales'
>

/** A part of the statement; it answers with one JSON array. */
interface Part {
  readonly needed: (keys: Keys) => boolean
  readonly values: (keys: Keys) => readonly string[]
  readonly sql: (names: Names, first: number, keys: Keys) => string
}

const arrayOfAll = (element: string, from: string): string => `(select coalesce(json_agg(${element}), '[]') ${from})`

const holdsOfOrders: Part = {
  needed: ({ lock: { orders } }) => orders.length > 0,
  values: ({ lock: { orders } }) => [ids(orders)],
  sql: (names, first) => `select h.* from ${names.holds} h where h.order_id = any($${first}::text[])`,
}

const overdueHolds: Part = {
  needed: ({ lock: { products } }) => products.length > 0,
  values: ({ lock: { products } }) => [ids(products)],
  sql: (names, first) =>
    `select h.* from ${names.holds} h where h.product_id = any($${first}::text[]) and ${hasPassed('h.expires_at', storeTime)}`,
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
    needed: ({ read }) => read.outcomes.length > 0,
    values: ({ read: { outcomes } }) => [
      encode('text', outcomes, ({ scope }) => scope),
      encode('text', outcomes, ({ key }) => key),
    ],
    sql: (names, first) =>
      arrayOfAll(
        outcomes.json('o'),
        `from ${rowsFrom(outcomes.key, 'k', first)} join ${names.outcomes} o using (scope, key)`,
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
        `from ${rowsFrom(references.key, 'k', first)} join ${names.permanent_references} r using (reference, kind, owner)`,
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
      where e.reference = any($${first}::text[]) and e.kind || ':' || e.reference = any($${first + 1}::text[])`,
      ),
  },
  users: {
    needed: ({ read: { users } }) => users.length > 0,
    values: ({ read: { users } }) => [ids(users)],
    sql: (names, first) => arrayOfAll('w.user_id', `from ${names.wallets} w where w.user_id = any($${first}::text[])`),
  },
  terms: {
    needed: ({ read: { terms } }) => terms.length > 0,
    values: ({ read: { terms } }) => [ids(terms)],
    sql: (names, first) =>
      arrayOfAll(couponTerms.json('c'), `from ${names.coupons} c where c.coupon_id = any($${first}::text[])`),
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

const partNames = Object.keys(parts) as (keyof typeof parts)[]

/** Whether there is more to read than the time. */
export const needsPostLockReads = (keys: Keys): boolean =>
  holdParts.some(({ needed }) => needed(keys)) || partNames.some((name) => parts[name].needed(keys))

/** The rows of one list of keys, without a lock. */
const unlocked = (name: LockName): Part => ({
  needed: ({ lock }) => lock[name].length > 0,
  values: (keys) => keyValues(keys, name),
  sql: (names, first) => {
    const { map } = rowMaps[name]
    return arrayOfAll(`${map.json('t')} order by ${keyOrder(map.key)}`, found(names, name, first))
  },
})

const unlockedParts = lockOrder.map(unlocked)

const statementFor = (names: Names, keys: Keys, more: readonly Part[]): string => {
  let first = 2
  const next = (part: Part): string => {
    const sql = part.sql(names, first, keys)
    first += part.values(keys).length
    return sql
  }
  const orNull = (part: Part): string => (part.needed(keys) ? next(part) : 'null')
  const wantedHolds = holdParts.filter(({ needed }) => needed(keys)).map(next)
  const held = wantedHolds.length > 0 ? arrayOfAll(holds.json('h'), `from (${wantedHolds.join(' union ')}) h`) : 'null'
  const rest = [...partNames.map((name) => parts[name]), ...more].map(orNull)
  return `${withClock}\nselect clock.now, ${[held, ...rest].join(',\n  ')}\nfrom clock`
}

/** One statement for everything that is not locked; parts that nobody asked for are left out of it. */
const readStep = (names: Names, more: readonly Part[]): ((keys: Keys, now: number | null) => QueryStep) => {
  const all = [...holdParts, ...partNames.map((name) => parts[name]), ...more]
  const statements = new Map<string, Statement>()
  return (keys, now) => {
    const wanted = all.map(({ needed }) => needed(keys))
    const shape = [...wanted, keys.read.sales.length].join(' ')
    let statement = statements.get(shape)
    if (!statement) {
      statement = prepared(statementFor(names, keys, more))
      statements.set(shape, statement)
    }
    return { statement, values: [now, ...all.flatMap((part, index) => (wanted[index] ? part.values(keys) : []))] }
  }
}

export const postLockReadStep = (names: Names): ((keys: Keys, now: number | null) => QueryStep) => readStep(names, [])

const listIn = <T>(raw: Raw | undefined, row: (values: readonly unknown[]) => T): T[] =>
  raw ? (JSON.parse(raw) as (readonly unknown[])[]).map(row) : []

const candidate = ([productId, name, price, sold, views, createdAt]: readonly unknown[]): SalesCandidate =>
  ({ productId, name, price, sold, views, createdAt }) as SalesCandidate

export const decodePostLockReads = ([
  now,
  held,
  kept,
  referenced,
  carriers,
  users,
  terms,
  sales,
]: readonly Raw[]): PostLockReads => ({
  now: Number(now),
  holds: listIn<Hold>(held, (values) => holds.fromJson(values)),
  outcomes: listIn<StoredOutcome>(kept, (values) => outcomes.fromJson(values)),
  references: listIn<StoredReference>(referenced, (values) => references.fromJson(values)),
  referencedEntries: listIn<WalletEntry>(carriers, (values) => entries.fromJson(values)),
  users: users ? (JSON.parse(users) as string[]) : [],
  terms: listIn<CouponTerms>(terms, (values) => couponTerms.fromJson(values)),
  sales: listIn(sales, (list) => (list as (readonly unknown[])[]).map(candidate)),
})

/** The time, the holds and the parts come before the rows of the lists. */
const firstUnlocked = 2 + partNames.length

/** Loads without locks. A single statement sees one moment, also inside a transaction of the caller's. */
export const loadOn = (
  names: Names,
  now: () => number | null,
  query: (step: QueryStep) => Promise<QueryResult['rows']>,
): Transactor['load'] => {
  const step = readStep(names, unlockedParts)
  return async (keys) => {
    const [row = []] = await query(step(keys, now()))
    const reads = decodePostLockReads(row)
    const lists = lockOrder.map((name, index) => {
      const { map } = rowMaps[name]
      return [name, listIn<Rows[LockName]>(row[firstUnlocked + index], (values) => map.fromJson(values))]
    })
    return { ...nothingLoaded(reads.now), ...reads, ...Object.fromEntries(lists) }
  }
}
