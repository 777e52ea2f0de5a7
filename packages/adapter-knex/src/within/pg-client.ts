import type { PostgresText, WithinConnection } from './connection.js'

/** The part of a client of `pg` that is used here. */
export interface PgClient {
  /** Sends a statement. */
  query(config: { readonly text: string; readonly values: unknown[] }): unknown
}

const asText = { getTypeParser: () => (value: string) => value }

/** Statements on a client of `pg`, without its parsers. */
export const queryOn = async (
  client: PgClient,
  text: string,
  values: readonly PostgresText[],
): Promise<readonly (readonly PostgresText[])[]> => {
  const config = { text, values: [...values], rowMode: 'array', types: asText }
  const { rows } = (await client.query(config)) as { readonly rows: readonly (readonly PostgresText[])[] }
  return rows
}

/** The transaction on a client of `pg`. */
export const withinOf = (client: PgClient): WithinConnection => ({
  connection: client,
  query: (text, values) => queryOn(client, text, values),
})

/** Whether something can send statements as a client of `pg` does. */
export const isPgClient = (value: unknown): value is PgClient =>
  typeof value === 'object' && value !== null && typeof (value as { query?: unknown }).query === 'function'
