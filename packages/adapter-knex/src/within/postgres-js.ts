import type { PostgresText, WithinConnection } from './connection.js'

export type { PostgresText, WithinConnection } from './connection.js'

/** The part of the `sql` of a transaction of postgres.js that is used here. */
export interface PostgresJsTransaction {
  /** Sends a statement. */
  unsafe(query: string, parameters?: never[]): unknown
  /** A parameter of a type that is known. */
  readonly typed: (value: never, type: number) => unknown
  /** Only a transaction has it. */
  savepoint(work: never): Promise<unknown>
}

/** The type `text`. Without it postgres.js asks the server for the type, and writes an array or a date its own way. */
const textType = 25

/** A statement whose fields can stay as the server sends them. */
interface RawRows {
  raw(): PromiseLike<readonly (readonly (Uint8Array | null)[])[]>
}

const toText = (bytes: Uint8Array | null): PostgresText => (bytes === null ? null : Buffer.from(bytes).toString())

const on = (sql: PostgresJsTransaction): Pick<WithinConnection, 'query'> => ({
  async query(text, values) {
    const parameters = values.map((value) => (value === null ? null : sql.typed(value as never, textType)))
    const sent = sql.unsafe(text, parameters as never[]) as RawRows
    return (await sent.raw()).map((row) => row.map(toText))
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
    savepoint<T>(work: (connection: Pick<WithinConnection, 'query'>) => Promise<T>) {
      const inside = (inner: PostgresJsTransaction) => work(on(inner))
      return sql.savepoint(inside as never) as Promise<T>
    },
  }
}
