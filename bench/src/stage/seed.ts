import { readFile } from 'node:fs/promises'
import { knexConnection, migrate } from '@shop/adapter-knex'
import { baselineFile } from './pgbench.js'
import { type Database, type PostgresServer, query } from './postgres.js'

/** A database as the baselines want it. */
export const baselineDatabase = async (server: PostgresServer): Promise<Database> => {
  const database = await server.database('baseline')
  await query(database.url, await readFile(baselineFile('schema'), 'utf8'))
  return database
}

export const productCount = 1_000

export const userId = (number: number): string => `user-${String(number).padStart(6, '0')}`
export const productId = (number: number): string => `product-${String(number).padStart(4, '0')}`
export const couponId = (number: number): string => `coupon-${number}`

const usersSql = (users: number) => `
insert into shop.wallets (user_id, balance, entries, created_at)
select 'user-' || lpad(number::text, 6, '0'), 100000000000, 1, now() from generate_series(1, ${users}) number;
insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, at)
select 'user-' || lpad(number::text, 6, '0'), 1, 'first-entry-' || number, 'charge', 100000000000, 100000000000, now()
from generate_series(1, ${users}) number`

const productsSql = `
insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
select 'product-' || lpad(number::text, 4, '0'), 'Product ' || number, 'product ' || number, 1000, true,
  1000000000, 1000000000, 0, now()
from generate_series(1, ${productCount}) number`

/** Coupons nobody can exhaust: the first is what everybody wants. */
const couponsSql = `
insert into shop.coupons (coupon_id, name, discount, valid_from, valid_until, quantity, issued, created_at)
select 'coupon-' || number, 'Coupon ' || number, '{"kind":"fixed","amount":500}', now() - interval '1 day',
  now() + interval '1 year', 1000000000, 0, now()
from generate_series(1, 1000) number`

/** A database of the shop with users who can pay, products in stock and coupons. */
export const shopDatabase = async (server: PostgresServer, name: string, users: number): Promise<Database> => {
  const database = await server.database(name)
  const knex = knexConnection(database.url)
  try {
    await migrate(knex)
  } finally {
    await knex.destroy()
  }
  await query(database.url, `${usersSql(users)};${productsSql};${couponsSql};analyze`)
  return database
}
