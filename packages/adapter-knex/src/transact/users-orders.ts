import type { OpenOrders, Purchase } from '@shop/core/store'
import type { Names } from '../database/names.js'
import { everythingLeft, isOpen } from '../database/rules.js'
import type { QueryStep } from '../database/session.js'
import { isOneOf, prepared, toInstant } from '../database/statement.js'
import { ids } from '../rows/column.js'
import { namedInsert } from './named-wait.js'

/** All elements of a query as one JSON array. */
export const arrayOfAll = (element: string, from: string): string =>
  `(select coalesce(json_agg(${element}), '[]') ${from})`

interface UnitsQuery {
  /** The products, as an SQL array of ids. Null: then no order is read. */
  readonly products: string
  /** The users, as an SQL array of ids. */
  readonly users: string
  readonly time: string
}

/**
 * Units that users have of some products: those of open orders, and what is left of paid ones. `offset 0` keeps the order
 * of work: first the products, then the orders of the users, by the index of a user's orders.
 */
export const unitsOf = (names: Names, { products, users, time }: UnitsQuery): string =>
  arrayOfAll(
    'json_build_array(b.user_id, b.product_id, b.units)',
    `from (
      select o.user_id, l.product_id, sum(l.units) as units
      from (select ${products} as ids offset 0) wanted cross join lateral (
        select o.user_id, o.lines, o.refunds from ${names.orders} o
        where wanted.ids is not null and ${isOneOf('o.user_id', users)} and (o.status = 'paid' or ${isOpen('o', time)}) offset 0
      ) o cross join lateral ${everythingLeft('o')} l
      where l.product_id = any(wanted.ids) group by 1, 2
    ) b`,
  )

/** How many open orders users have. */
export const openOrdersOf = (names: Names, users: string, time: string): string =>
  arrayOfAll(
    'json_build_array(b.user_id, b.number)',
    `from (
      select o.user_id, count(*) as number from ${names.orders} o
      where ${isOneOf('o.user_id', users)} and ${isOpen('o', time)} group by 1
    ) b`,
  )

export const purchaseFrom = ([userId, productId, quantity]: readonly unknown[]): Purchase =>
  ({ userId, productId, quantity }) as Purchase

export const openOrdersFrom = ([userId, count]: readonly unknown[]): OpenOrders => ({ userId, count }) as OpenOrders

interface PurchasesQuery {
  readonly users: readonly string[]
  readonly products: readonly string[]
  /** The time under the locks. */
  readonly now: number
}

/** Reads what users have of locked products with a purchase limit. Other groups never send it, so it costs them nothing. */
export const purchasesStep = (names: Names): ((query: PurchasesQuery) => QueryStep) => {
  const units = unitsOf(names, { products: '$1::text[]', users: '$2::text[]', time: `(${toInstant('$3::bigint')})` })
  const statement = prepared(`select ${units}`)
  return ({ users, products, now }) => ({ statement, values: [ids(products), ids(users), now] })
}

/**
 * Excludes other transactions that use or open the wallets of these users, who have none: there is no row to lock. Until
 * this transaction ends, inserts of the same key wait. No row remains. If a wallet has appeared meanwhile, the
 * insert fails as a conflict.
 */
export const reserveWalletsSteps = (names: Names): ((users: readonly string[]) => readonly QueryStep[]) => {
  const insert = prepared(
    `insert into ${names.wallets} (user_id, balance, entries, created_at)
     select u.id, 0, 0, clock_timestamp() from unnest($1::text[]) u(id) order by u.id collate "C"`,
  )
  const remove = prepared(`delete from ${names.wallets} where ${isOneOf('user_id', '$1')}`)
  const failed = (users: readonly string[]) => (error: unknown) => namedInsert(error, { wallets: users })
  return (users) => [insert, remove].map((statement) => ({ statement, values: [ids(users)], failed: failed(users) }))
}
