import type { Knex } from 'knex'

export interface Query {
  readonly text: string
  readonly values: readonly unknown[]
}

interface Answered {
  readonly rows: readonly (readonly (string | null)[])[]
  readonly command: string
}

/** Intercepts statements of the adapter: sends one unchanged, replaced, late, or not at all. */
export type Tamper = (query: Query, send: (query: Query) => Promise<Answered>) => Promise<Answered>

interface Connection {
  query(query: Query, ...callback: readonly unknown[]): Promise<Answered>
}

interface Client {
  acquireConnection(): Promise<Connection>
}

/** Intercepts the statements of every connection of a pool. */
export const tamperWith = (pool: Knex, tamper: Tamper): Knex => {
  const client = pool.client as Client
  const acquire = client.acquireConnection.bind(client)
  const tampered = new WeakSet<Connection>()
  client.acquireConnection = async () => {
    const connection = await acquire()
    if (!tampered.has(connection)) {
      tampered.add(connection)
      const send = connection.query.bind(connection)
      // Calls with a callback are those of knex itself, not of the adapter.
      connection.query = (query, ...callback) =>
        callback.length > 0 ? send(query, ...callback) : tamper(query, (changed) => send(changed))
    }
    return connection
  }
  return pool
}

/** Sends another statement instead, without the name and so the plan of the original. */
export const instead = (query: Query, text: string, values = query.values): Query => {
  const { name: _, ...unnamed } = query as Query & { readonly name?: string }
  return { ...unnamed, text, values }
}

export const rewrite =
  (change: (text: string) => string): Tamper =>
  (query, send) => {
    const text = change(query.text)
    return send(text === query.text ? query : instead(query, text))
  }
