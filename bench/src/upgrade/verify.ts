import { atMost, type Row } from '../report/rows.js'
import { query } from '../stage/postgres.js'
import type { KnownStatus, LoadReport } from './questions.js'

const number = (value: number): string => value.toLocaleString('en')

/** Counts the keys for which two queries of a key and a number differ. A key that is missing counts as 0. */
const comparison = (one: string, other: string): string =>
  `select count(*) as found from (${one}) one(key, number) full join (${other}) other(key, number) using (key)
   where coalesce(one.number, 0) <> coalesce(other.number, 0)`

const salesOfProducts = 'select product_id, sum(sold) from shop.sales_of_days group by 1'

/** Each of them is 0 in a shop that lost nothing. No order of the load is free. */
const differences: Readonly<Record<string, string>> = {
  'Paid orders without a payment of their amount, and payments without such an order': comparison(
    'select order_id, amount from shop.payments',
    `select order_id, final_amount from shop.orders where status in ('paid', 'refunded')`,
  ),
  'Products whose sums of sales are not those of the paid orders': comparison(
    salesOfProducts,
    `select line ->> 'productId', sum((line ->> 'quantity')::bigint)
     from shop.orders, jsonb_array_elements(lines) line where status = 'paid' group by 1`,
  ),
  'Products whose sums of sales are not what is gone from their stock': comparison(
    salesOfProducts,
    'select product_id, supplied - stock from shop.products',
  ),
  'Products whose held units are not those of their holds': comparison(
    'select product_id, held from shop.products',
    'select product_id, sum(quantity) from shop.holds group by 1',
  ),
  'Wallets whose balance is not the sum of their entries': comparison(
    'select user_id, balance from shop.wallets',
    'select user_id, sum(amount) from shop.wallet_entries group by 1',
  ),
}

const isFine = (known: KnownStatus | undefined, stored: string | undefined): boolean =>
  stored !== undefined && (known === 'unknown' || known === stored || (known === 'pending' && stored === 'expired'))

/** How many keys have other values in the database than callers were told. */
export const differing = <Told, Stored>(
  told: ReadonlyMap<string, Told>,
  stored: ReadonlyMap<string, Stored>,
  isSame: (told: Told | undefined, stored: Stored | undefined) => boolean,
): number =>
  [...new Set([...told.keys(), ...stored.keys()])].filter((key) => !isSame(told.get(key), stored.get(key))).length

const sumOf = (charges: readonly (readonly [user: string, count: number])[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>()
  for (const [user, count] of charges) sums.set(user, (sums.get(user) ?? 0) + count)
  return sums
}

/** Compares what callers were told with what the database has. */
export const verify = async (url: string, reports: readonly LoadReport[]): Promise<readonly Row[]> => {
  const stored = async (sql: string): Promise<ReadonlyMap<string, string>> =>
    new Map((await query(url, sql)).map(({ key, value }) => [String(key), String(value)]))
  const zero = (what: string, found: number) => atMost(what, found, 0, number)

  const orders = new Map(reports.flatMap((report) => Object.entries(report.orders)))
  const charges = sumOf(reports.flatMap((report) => Object.entries(report.charges)))
  const issues = new Map(reports.flatMap((report) => report.issues.map((user) => [user, 1] as const)))
  const isSame = (told = 0, found = '0') => String(told) === found
  const storedOrders = await stored(
    `select order_id as key, status as value from shop.orders where order_id not like 'past-%'`,
  )
  const storedCharges = await stored(
    `select user_id as key, count(*) as value from shop.wallet_entries
     where kind = 'charge' and entry_id not like 'first-%' group by 1`,
  )
  const storedIssues = await stored('select user_id as key, count(*) as value from shop.issued_coupons group by 1')
  const rows = [
    zero(
      `Orders that are not as callers were told, of ${number(orders.size)}`,
      differing(orders, storedOrders, isFine),
    ),
    zero(
      `Users whose charges are not as callers were told, of ${number(charges.size)}`,
      differing(charges, storedCharges, isSame),
    ),
    zero(
      `Users whose coupons are not as callers were told, of ${number(issues.size)}`,
      differing(issues, storedIssues, isSame),
    ),
  ]
  for (const [what, sql] of Object.entries(differences)) {
    const [row] = await query(url, sql)
    rows.push(zero(what, Number(row?.['found'])))
  }
  return rows
}
