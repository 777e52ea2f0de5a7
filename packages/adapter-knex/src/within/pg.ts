import type { WithinConnection } from './connection.js'
import { isPgClient, type PgClient, withinOf } from './pg-client.js'

export type { PostgresText, WithinConnection } from './connection.js'
export type { PgClient } from './pg-client.js'

/**
 * Runs commands in the transaction that you have begun on a `Client` or `PoolClient` of `pg`.
 * @throws TypeError for anything else, such as a `Pool`: each of its queries may use another connection.
 * @example
 * await client.query('begin')
 * const placed = await shop.within(pgWithin(client)).orders.place({ userId, products })
 * await client.query(placed.ok ? 'commit' : 'rollback')
 */
export const pgWithin = (client: PgClient): WithinConnection => {
  if (!isPgClient(client) || 'totalCount' in client) {
    throw new TypeError('pgWithin needs a client of pg: take one from the pool with pool.connect(), and begin on it')
  }
  return withinOf(client)
}
