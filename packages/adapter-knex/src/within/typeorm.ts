import type { WithinConnection } from './connection.js'
import { isPgClient, queryOn } from './pg-client.js'

export type { PostgresText, WithinConnection } from './connection.js'

/** The part of a `QueryRunner` of TypeORM that is used here. */
export interface TypeormQueryRunner {
  /** Whether a transaction is open. */
  readonly isTransactionActive: boolean
  /** Resolves with the connection of the driver. */
  connect(): Promise<unknown>
}

const advice =
  'typeormWithin needs the query runner of a transaction: manager.queryRunner inside dataSource.transaction'

/**
 * Runs commands in a transaction of TypeORM, over its driver for `pg`.
 * @throws TypeError without a query runner, or if its transaction is not open.
 * @example
 * await dataSource.transaction(async (manager) => {
 *   const placed = await shop.within(typeormWithin(manager.queryRunner)).orders.place({ userId, products })
 *   if (!placed.ok) throw new Error(placed.refusal.code)
 *   await manager.insert(Note, { orderId: placed.result.orderId })
 * })
 */
export const typeormWithin = (queryRunner: TypeormQueryRunner | undefined): WithinConnection => {
  if (!queryRunner?.isTransactionActive) throw new TypeError(advice)
  return {
    connection: queryRunner,
    async query(text, values) {
      const client = await queryRunner.connect()
      if (!isPgClient(client)) throw new TypeError('typeormWithin needs a data source of type "postgres"')
      return queryOn(client, text, values)
    },
  }
}
