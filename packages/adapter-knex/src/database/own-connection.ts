import { classify } from './classify-error.js'
import { type Database, listen, type PoolClient } from './database.js'
import type { PgConnection } from './session.js'

export interface OwnConnection {
  readonly connection: PgConnection
  /** The pool has lent it, and wants it back soon. */
  readonly isLent: boolean
  giveBack(): Promise<void>
}

/**
 * A connection outside of the pool, so that what takes its time, or must be answered while the pool is used up, never
 * takes one from a request. Where knex cannot make one, the pool lends it.
 */
export const ownConnection = async ({ knex, ownsPool }: Database): Promise<OwnConnection> => {
  const client = knex.client as PoolClient
  try {
    if (!ownsPool) {
      const connection = listen(await client.acquireConnection())
      return { connection, isLent: true, giveBack: () => client.releaseConnection(connection) }
    }
    const connection = listen(await client.acquireRawConnection())
    return { connection, isLent: false, giveBack: () => connection.end() }
  } catch (error) {
    throw classify(error, { isConnecting: true }).error
  }
}
