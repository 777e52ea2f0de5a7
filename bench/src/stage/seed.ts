import { readFile } from 'node:fs/promises'
import { knexConnection, migrate } from '@shop/adapter-knex'
import { baselineFile } from './pgbench.js'
import { type Database, type PostgresServer, query } from './postgres.js'

export const productCount = 1_000

export const userId = (number: number): string => `user-${String(number).padStart(6, '0')}`
export const productId = (number: number): string => `product-${String(number).padStart(4, '0')}`
export const couponId = (number: number): string => `coupon-${number}`
export const productName = (number: number): string => `Product ${number}`

/** What each user has at first. */
export const firstBalance = 100_000_000_000
/** What each product costs. */
export const price = 1_000

const usersSql = (users: number) => `
insert into shop.wallets (user_id, balance, entries, created_at)
select 'user-' || lpad(number::text, 6, '0'), ${firstBalance}, 1, now() from generate_series(1, ${users}) number;
insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, at)
select 'user-' || lpad(number::text, 6, '0'), 1, 'first-entry-' || number, 'charge', ${firstBalance}, ${firstBalance}, now()
from generate_series(1, ${users}) number`

const productsSql = `
insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
select 'product-' || lpad(number::text, 4, '0'), 'Product ' || number, 'product ' || number, ${price}, true,
  1000000000, 1000000000, 0, now()
from generate_series(1, ${productCount}) number`

/** Coupons that never sell out. The first one is the hot coupon. */
const couponsSql = `
insert into shop.coupons (coupon_id, name, discount, valid_from, valid_until, quantity, issued, created_at)
select 'coupon-' || number, 'Coupon ' || number, '{"kind":"fixed","amount":500}', now() - interval '1 day',
  now() + interval '1 year', 1000000000, 0, now()
from generate_series(1, 1000) number`

/** Fills an empty database with users who can pay, products in stock and coupons. */
export const seedShop = async (url: string, users: number): Promise<void> => {
  const knex = knexConnection(url)
  try {
    await migrate(knex)
  } finally {
    await knex.destroy()
  }
  await query(url, `${usersSql(users)};${productsSql};${couponsSql};analyze`)
}

const seededShop = async (server: PostgresServer, users: number): Promise<Database> => {
  const database = await server.database('seeded_shop')
  await seedShop(database.url, users)
  return database
}

const seededBaseline = async (server: PostgresServer): Promise<Database> => {
  const database = await server.database('seeded_baseline')
  await query(database.url, await readFile(baselineFile('schema'), 'utf8'))
  return database
}

/** Seeded databases. Each kind is created once and then copied. */
export interface Seeds {
  /** Creates a database with the tables of the baselines. */
  baseline(): Promise<Database>
  /** Creates a database of the shop. */
  shop(name: string): Promise<Database>
  drop(): Promise<void>
}

export const seedsOn = (server: PostgresServer, users: number): Seeds => {
  let shop: Promise<Database> | undefined
  let baseline: Promise<Database> | undefined
  return {
    async baseline() {
      baseline ??= seededBaseline(server)
      return server.database('baseline', await baseline)
    },
    async shop(name) {
      shop ??= seededShop(server, users)
      return server.database(name, await shop)
    },
    async drop() {
      for (const each of [await shop, await baseline]) await each?.drop()
    },
  }
}
