import type { PgPool } from './database/pg-pool.js'
import { type KnexStoreOptions, type PostgresStore, storeOn } from './store-on.js'
import { pgTransactions } from './transact/host-transactions.js'
import type { PgClient } from './within/pg-client.js'

/** Options of `postgresStore`: those of `knexStore`. Times are in milliseconds. */
export interface PostgresStoreOptions extends KnexStoreOptions {}

/** The type of the clients of a pool of `pg`. */
export type ClientOf<Pool extends PgPool> = Pool['connect'] extends {
  (): Promise<infer Client extends PgClient>
  (...more: never[]): unknown
}
  ? Client
  : PgClient

/**
 * Creates the store of `knexStore` over a `Pool` of `pg`, for hosts without a Knex of their own. Call `migrate(pool)` first.
 * The store never ends the pool. Its methods reject with a `StoreError`. `within` takes a client of the pool on which you
 * have begun a transaction, or what a function of `@shop/adapter-knex/within` returns.
 *
 * A command that gets no client within the pool's `connectionTimeoutMillis` rejects as `unavailable`. Without that option
 * the limit is 2 seconds.
 * @throws RangeError for an option that is out of range.
 * @example
 * const pool = new pg.Pool({ connectionString, max: 10 })
 * await migrate(pool)
 * const shop = createShop({ store: postgresStore(pool) })
 */
export const postgresStore = <Pool extends PgPool>(
  pool: Pool,
  options: PostgresStoreOptions = {},
): PostgresStore<ClientOf<Pool>> => storeOn(pool, options, pgTransactions<ClientOf<Pool>>)
