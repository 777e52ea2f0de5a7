import type { WithinConnection } from './connection.js'
import { queryAsRecords } from './record.js'

export type { PostgresText, WithinConnection } from './connection.js'

/** The part of a transaction of Kysely that is used here. */
export interface KyselyTransaction {
  /** Only a transaction has it as `true`. */
  readonly isTransaction: boolean
  /** Runs a compiled query. */
  executeQuery(query: never): Promise<{ readonly rows: readonly unknown[] }>
}

/** What `CompiledQuery.raw` of kysely makes. */
const compiled = (sql: string, parameters: readonly unknown[]) => ({
  sql,
  parameters,
  query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
  queryId: { queryId: 'shop' },
})

/**
 * Runs commands in a transaction of Kysely, over its `PostgresDialect`.
 * @throws TypeError for anything else, such as the database outside a transaction.
 * @example
 * await db.transaction().execute(async (trx) => {
 *   const placed = await shop.within(kyselyWithin(trx)).orders.place({ userId, products })
 *   if (!placed.ok) throw new Error(placed.refusal.code)
 *   await trx.insertInto('notes').values({ order_id: placed.result.orderId }).execute()
 * })
 */
export const kyselyWithin = (trx: KyselyTransaction): WithinConnection => {
  if (trx.isTransaction !== true) {
    throw new TypeError('kyselyWithin needs the trx of db.transaction().execute')
  }
  const send = async (text: string, values: readonly unknown[]) =>
    (await trx.executeQuery(compiled(text, values) as never)).rows
  return { connection: trx, query: queryAsRecords(send, send) }
}
