import type { WithinConnection } from './connection.js'
import { isPgClient, withinOf } from './pg-client.js'

export type { PostgresText, WithinConnection } from './connection.js'

/** The part of a transaction of `drizzle-orm/node-postgres` that is used here. */
export interface DrizzleTransaction {
  /** What drizzle keeps for adapters. */
  readonly _: { readonly session: object }
  /** Only a transaction has it. */
  rollback(): never
}

/**
 * Runs commands in a transaction of Drizzle, over its driver for `pg` (`drizzle-orm/node-postgres`).
 * @throws TypeError for anything else, such as the database outside a transaction.
 * @example
 * await db.transaction(async (tx) => {
 *   const placed = await shop.within(drizzleWithin(tx)).orders.place({ userId, products })
 *   if (!placed.ok) return tx.rollback()
 *   await tx.insert(notes).values({ orderId: placed.result.orderId })
 * })
 */
export const drizzleWithin = (tx: DrizzleTransaction): WithinConnection => {
  const { client } = (tx._?.session ?? {}) as { readonly client?: unknown }
  if (typeof tx.rollback !== 'function' || !isPgClient(client)) {
    throw new TypeError('drizzleWithin needs the tx of db.transaction, of drizzle-orm/node-postgres')
  }
  return withinOf(client)
}
