import pg from 'pg'
import { atMost, type Row } from '../tenants/rows.js'
import { chargeAmount } from './load.js'
import type { KnownStatus, LoadReport } from './questions.js'

const number = (value: number): string => value.toLocaleString('en')

/** Each of them is 0 in a shop that lost nothing. Amounts and units are compared by their sums. */
const differences: Readonly<Record<string, string>> = {
  'Sum of payments minus that of paid orders': `select
    (select coalesce(sum(amount), 0) from shop.payments)
    - (select sum(final_amount) from shop.orders where status in ('paid', 'refunded'))`,
  'Payments minus paid orders': `select (select count(*) from shop.payments)
    - (select count(*) from shop.orders where status in ('paid', 'refunded'))`,
  'Units in the sums of sales minus units in paid orders': `select (select sum(sold) from shop.sales_of_days)
    - (select sum((line ->> 'quantity')::bigint) from shop.orders, jsonb_array_elements(lines) line where status = 'paid')`,
  'Units sold minus units gone from stock': `select (select sum(sold) from shop.sales_of_days)
    - (select sum(supplied - stock) from shop.products)`,
  'Units held minus units of holds': `select (select sum(held) from shop.products)
    - (select coalesce(sum(quantity), 0) from shop.holds)`,
  'Sum of balances minus that of entries': `select (select sum(balance) from shop.wallets)
    - (select sum(amount) from shop.wallet_entries)`,
}

const isFine = (known: KnownStatus, stored: string | undefined): boolean =>
  stored !== undefined && (known === 'unknown' || known === stored || (known === 'pending' && stored === 'expired'))

/** Compares what callers were told with what the database has. `charges` is their number before the load. */
export const verify = async (url: string, reports: readonly LoadReport[], charges: number): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const value = async (sql: string): Promise<number> =>
      Number(Object.values((await client.query(sql)).rows[0] as Record<string, unknown>)[0])
    const known = reports.flatMap(({ orders }) => Object.entries(orders))
    const { rows } = await client.query<{ order_id: string; status: string }>(
      'select order_id, status from shop.orders where order_id = any($1)',
      [known.map(([orderId]) => orderId)],
    )
    const stored = new Map(rows.map(({ order_id, status }) => [order_id, status]))
    const wrong = known.filter(([orderId, status]) => !isFine(status, stored.get(orderId))).length
    const told = (which: 'charges' | 'issues') => reports.reduce((sum, report) => sum + report[which], 0)
    const lostCharges =
      charges + told('charges') - (await value(`select count(*) from shop.wallet_entries where kind = 'charge'`))
    const lostIssues = told('issues') - (await value('select count(*) from shop.issued_coupons'))
    const zero = (what: string, found: number) => atMost(what, Math.abs(found), 0, number)
    const results = [
      zero(`Orders that are not as callers were told, of ${number(known.length)}`, wrong),
      zero(`Charges of ${chargeAmount} lost or doubled, of ${number(told('charges'))}`, lostCharges),
      zero(`Coupons lost or doubled, of ${number(told('issues'))}`, lostIssues),
    ]
    for (const [what, sql] of Object.entries(differences)) results.push(zero(what, await value(sql)))
    return results
  } finally {
    await client.end()
  }
}
