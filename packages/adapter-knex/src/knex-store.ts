import type { Knex } from 'knex'
import { type KnexStoreOptions, type PostgresStore, storeOn } from './store-on.js'
import { knexTransactions } from './transact/host-transactions.js'

/**
 * Creates a store in Postgres (13 or later), over a Knex of the host or of `knexConnection`. Call `migrate` first.
 * The store never ends the Knex. Its methods reject with a `StoreError`. `within` takes a transaction of Knex, or of another
 * query builder on the same database, see `@shop/adapter-knex/within`.
 * @throws RangeError for an option that is out of range; TypeError if the client of the Knex is not `pg`.
 */
export const knexStore = (knex: Knex, options: KnexStoreOptions = {}): PostgresStore<Knex.Transaction> =>
  storeOn(knex, options, knexTransactions)
