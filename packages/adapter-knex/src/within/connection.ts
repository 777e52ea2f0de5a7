import type { PgConnection, QueryResult, Raw } from '../database/session.js'

/** A field in Postgres' text format, or null. */
export type PostgresText = string | null

/**
 * The caller's transaction, as a query builder holds it. `pgWithin`, `drizzleWithin`, `kyselyWithin`, `prismaWithin`,
 * `typeormWithin` and `postgresJsWithin` make one for their builder; `store.within` takes it.
 */
export interface WithinConnection {
  /** The same object for all that use the same connection: their commands run one after another. */
  readonly connection: object
  /**
   * Sends one statement on the connection of the transaction. Resolves with its rows: the fields in the order of their
   * columns, in Postgres' text format. Rows of a statement that writes are not used. Rejects with an error that has the
   * SQLSTATE as `code` and a `severity`; an error without them means that the connection failed.
   */
  query(text: string, values: readonly PostgresText[]): Promise<readonly (readonly PostgresText[])[]>
  /**
   * Runs `work` after a savepoint of the builder, and rolls back to it if `work` rejects. Only for builders that otherwise
   * give up the transaction after a failed statement.
   */
  savepoint?<T>(work: (connection: Pick<WithinConnection, 'query'>) => Promise<T>): Promise<T>
}

const toText = (value: unknown): PostgresText => (value === null || value === undefined ? null : String(value))

/** The connection of a builder, as a session uses one. The builder owns it, so it is never closed here. */
export const asPgConnection = (connection: Pick<WithinConnection, 'query'>): PgConnection => ({
  async query({ text, values }): Promise<QueryResult> {
    const rows: readonly (readonly Raw[])[] = await connection.query(text, values.map(toText))
    return { rows, command: '' }
  },
  on: () => undefined,
  end: async () => {},
  getTransactionStatus: () => null,
})
