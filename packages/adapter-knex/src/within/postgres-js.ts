import type { PostgresText, WithinConnection } from './connection.js'

export type { PostgresText, WithinConnection } from './connection.js'

/** The part of the `sql` of a transaction of postgres.js that is used here. */
export interface PostgresJsTransaction {
  /** Sends a statement. */
  // biome-ignore lint/suspicious/noExplicitAny: the types of a query belong to postgres.js
  unsafe(query: string, parameters?: any[]): any
  /** A parameter of a type that is known. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  typed: any
  /** Only a transaction has it. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  savepoint(work: (sql: any) => Promise<any>): Promise<any>
}

/** The type `text`. Without it postgres.js asks the server for the type, and writes an array or a date its own way. */
const textType = 25

const toText = (bytes: Uint8Array | null): PostgresText => (bytes === null ? null : Buffer.from(bytes).toString())

const on = (sql: PostgresJsTransaction): Pick<WithinConnection, 'query'> => ({
  async query(text, values) {
    const parameters = values.map((value) => (value === null ? null : sql.typed(value, textType)))
    const rows: readonly (readonly (Uint8Array | null)[])[] = await sql.unsafe(text, parameters).raw()
    return rows.map((row) => row.map(toText))
  },
})

/**
 * Runs commands in a transaction of postgres.js.
 * @throws TypeError for anything else, such as the `sql` outside `sql.begin`.
 * @example
 * await sql.begin(async (tx) => {
 *   const placed = await shop.within(postgresJsWithin(tx)).orders.place({ userId, products })
 *   if (!placed.ok) throw new Error(placed.refusal.code)
 *   await tx`insert into notes (order_id) values (${placed.result.orderId})`
 * })
 */
export const postgresJsWithin = (sql: PostgresJsTransaction): WithinConnection => {
  if (typeof sql.savepoint !== 'function') {
    throw new TypeError('postgresJsWithin needs the sql of a transaction: the parameter of sql.begin(async (sql) => …)')
  }
  return {
    connection: sql,
    ...on(sql),
    savepoint: (work) => sql.savepoint((inner: PostgresJsTransaction) => work(on(inner))),
  }
}
