import { randomUUID } from 'node:crypto'
import knex, { type Knex } from 'knex'
import { inject } from 'vitest'

export interface FreshDatabase {
  readonly url: string
  /** A pool of at most 20 connections on the new database. */
  readonly knex: Knex
  /** Closes the pool and drops the database. Open connections are terminated. */
  drop(): Promise<void>
}

/** Creates an empty database on the shared server: one per test file, so that files can run concurrently. */
export async function freshDatabase({ encoding }: { readonly encoding?: string } = {}): Promise<FreshDatabase> {
  const server = inject('databaseUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(server, async (admin) => {
    if (encoding === undefined) return admin.raw('create database ??', [name])
    const { rows } = await admin.raw(`select current_setting('server_version_num')::int >= 150000 as knows`)
    const provider = rows[0].knows ? 'locale_provider libc' : ''
    return admin.raw(`create database ?? template template0 encoding '${encoding}' ${provider} locale 'C'`, [name])
  })
  const url = new URL(server)
  url.pathname = `/${name}`
  const pool = knex({ client: 'pg', connection: url.href, pool: { min: 0, max: 20 } })
  return {
    url: url.href,
    knex: pool,
    drop: async () => {
      await pool.destroy()
      await asAdmin(server, (admin) => admin.raw('drop database if exists ?? with (force)', [name]))
    },
  }
}

async function asAdmin(url: string, work: (admin: Knex) => PromiseLike<unknown>): Promise<void> {
  const admin = knex({ client: 'pg', connection: url, pool: { min: 0, max: 1 } })
  try {
    await work(admin)
  } finally {
    await admin.destroy()
  }
}
