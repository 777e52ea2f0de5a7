import { classify } from './classify-error.js'
import { type Database, listen, type PoolClient } from './database.js'
import type { PgConnection } from './session.js'

export interface OwnConnection {
  readonly connection: PgConnection
  /** Whether it comes from the pool, and must return soon. */
  readonly isLent: boolean
  giveBack(): Promise<void>
}

/**
 * Makes a connection outside the pool, for work that is slow, or that must run while the pool is exhausted: it takes no
 * connection from a request. If knex cannot make one, it comes from the pool.
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
