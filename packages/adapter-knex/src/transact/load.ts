import type { CouponTerms, Hold, SalesCandidate } from '@shop/core/commands'
import {
  type CouponCode,
  type Keys,
  type Loaded,
  type LockName,
  lockOrder,
  nothingLoaded,
  type Rows,
  type StoredOutcome,
  type StoredReference,
  type Transactor,
  type WalletEntry,
} from '@shop/core/store'
import type { Names } from '../database/names.js'
import type { QueryResult, QueryStep, Raw } from '../database/session.js'
import { prepared, type Statement, withClock } from '../database/statement.js'
import { couponTerms, entries, holds, outcomes, references, rowMaps } from '../rows/row-maps.js'
import { found, keyOrder, keyValues } from './lock-steps.js'
import { holdParts, type Part, parts, purchasesOfLimited } from './read-parts.js'
import { arrayOfAll, openOrdersFrom, purchaseFrom } from './users-orders.js'

/** What is read after the locks are held: the time, and all that needs no lock of its own. */
export type PostLockReads = Pick<
  Loaded,
  | 'now'
  | 'holds'
  | 'outcomes'
  | 'references'
  | 'referencedEntries'
  | 'openings'
  | 'openOrders'
  | 'couponCodes'
  | 'users'
  | 'terms'
  | 'sales'
>

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

/** The elements of a JSON array; none if it was not asked for. */
export const listIn = <T>(raw: Raw | undefined, row: (values: readonly unknown[]) => T): T[] =>
  raw ? (JSON.parse(raw) as (readonly unknown[])[]).map(row) : []

const candidate = ([productId, name, price, sold, views, createdAt]: readonly unknown[]): SalesCandidate =>
  ({ productId, name, price, sold, views, createdAt }) as SalesCandidate

export const decodePostLockReads = ([
  now,
  held,
  kept,
  referenced,
  carriers,
  openings,
  open,
  codes,
  users,
  terms,
  sales,
]: readonly Raw[]): PostLockReads => ({
  now: Number(now),
  holds: listIn<Hold>(held, (values) => holds.fromJson(values)),
  outcomes: listIn<StoredOutcome>(kept, (values) => outcomes.fromJson(values)),
  references: listIn<StoredReference>(referenced, (values) => references.fromJson(values)),
  referencedEntries: listIn<WalletEntry>(carriers, (values) => entries.fromJson(values)),
  openings: listIn<WalletEntry>(openings, (values) => entries.fromJson(values)),
  openOrders: listIn(open, openOrdersFrom),
  couponCodes: listIn(codes, ([code, couponId]) => ({ code, couponId }) as CouponCode),
  users: users ? (JSON.parse(users) as string[]) : [],
  terms: listIn<CouponTerms>(terms, (values) => couponTerms.fromJson(values)),
  sales: listIn(sales, (list) => (list as (readonly unknown[])[]).map(candidate)),
})

/** The time, the holds and the parts come before the rows of the lists. */
const firstUnlocked = 2 + partNames.length

/**
 * Loads without locks. A single statement sees one moment, also inside a transaction of the caller's. If a product turns out
 * to have a purchase limit, a second one reads everything again, with the purchases: planning these would double the cost of
 * a quote.
 */
export const loadOn = (
  names: Names,
  now: () => number | null,
  query: (step: QueryStep) => Promise<QueryResult['rows']>,
): Transactor['load'] => {
  const plain = readStep(names, unlockedParts)
  const withPurchases = readStep(names, [...unlockedParts, purchasesOfLimited])
  const loadBy = async (step: typeof plain, keys: Keys): Promise<Loaded> => {
    const [row = []] = await query(step(keys, now()))
    const reads = decodePostLockReads(row)
    const lists = lockOrder.map((name, index) => {
      const { map } = rowMaps[name]
      return [name, listIn<Rows[LockName]>(row[firstUnlocked + index], (values) => map.fromJson(values))]
    })
    const purchases = listIn(row[firstUnlocked + lockOrder.length], purchaseFrom)
    return { ...nothingLoaded(reads.now), ...reads, ...Object.fromEntries(lists), purchases }
  }
  return async (keys) => {
    const loaded = await loadBy(plain, keys)
    const isLimited = keys.read.buyers.length > 0 && loaded.products.some(({ purchaseLimit }) => purchaseLimit !== null)
    return isLimited ? loadBy(withPurchases, keys) : loaded
  }
}
