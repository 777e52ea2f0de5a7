import type { Store } from '@shop/core'
import type { Knex } from 'knex'

/** A store with connections of its own, as another server process has them. */
export interface OwnStore {
  readonly store: Store<never>
  close(): Promise<void>
}

/** The Postgres of the server, for runs with connections of their own. */
export interface RushDatabase {
  /** The size of each pool that `openStore` and `openNaive` open. */
  readonly connections: number
  /** Opens the shop's store by a pool of its own. */
  openStore(): Promise<OwnStore>
  /** Opens a pool for the naive shop, which waits for a free connection as long as a run may take. */
  openNaive(): Promise<Knex>
  /** A schema for the tables of the naive shop. Undefined if the server must not create tables. */
  readonly naiveSchema: string | undefined
}
