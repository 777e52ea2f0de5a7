import { classify } from './classify-error.js'
import type { Database } from './database.js'
import type { PgConnection } from './session.js'

interface RawConnections {
  acquireRawConnection(): Promise<PgConnection>
  /** Gone once knex was ended. */
  readonly pool?: unknown
  /** False where the host has given knex a pool of its own: then only that pool can make connections. */
  readonly _ownsPool?: boolean
}

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
export const ownConnection = async ({ knex }: Pick<Database, 'knex'>): Promise<OwnConnection> => {
  const client = knex.client as RawConnections & {
    acquireConnection(): Promise<PgConnection>
    releaseConnection(connection: PgConnection): Promise<void>
  }
  try {
    if (client._ownsPool === false || !client.pool) {
      const connection = await client.acquireConnection()
      return { connection, isLent: true, giveBack: () => client.releaseConnection(connection) }
    }
    const connection = await client.acquireRawConnection()
    return { connection, isLent: false, giveBack: () => connection.end() }
  } catch (error) {
    throw classify(error).error
  }
}
