import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import pg from 'pg'
import { isPostgres, parentOf } from '../figures/processor-time.js'

export interface Database {
  readonly url: string
  readonly name: string
  drop(): Promise<void>
}

export interface PostgresServer {
  readonly version: string
  /** Creates a database: empty, or as a copy of another one without open connections. */
  database(name: string, template?: Database): Promise<Database>
  stop(): Promise<void>
}

export const query = async (url: string, text: string): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result = await client.query(text)
    const last = Array.isArray(result) ? result.at(-1) : result
    return last.rows
  } finally {
    await client.end()
  }
}

/** The process of a whole server, whose descendants serve connections. 0 if it does not run here, or not on Linux. */
export const postmasterOf = async (url: string): Promise<number> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const pid = rows[0]?.pid ?? 0
    return isPostgres(pid) ? parentOf(pid) : 0
  } finally {
    await client.end()
  }
}

const settingsOf = async (url: string): Promise<Record<string, string>> => {
  const rows = await query(
    url,
    `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')`,
  )
  return Object.fromEntries(rows.map(({ name, setting }) => [String(name), String(setting)]))
}

const serverAt = async (url: string, stop: () => Promise<void>): Promise<PostgresServer> => {
  const settings = await settingsOf(url)
  const lax = ['fsync', 'synchronous_commit', 'full_page_writes'].filter((name) => settings[name] !== 'on')
  if (lax.length > 0) {
    await stop()
    throw new Error(`commits must be durable for a measurement: ${lax.join(', ')} must be on`)
  }
  return {
    version: settings['server_version'] ?? '',
    async database(name, template) {
      const full = `shop_bench_${name}`
      await query(url, `drop database if exists ${full} with (force)`)
      await query(url, `create database ${full}${template ? ` template ${template.name}` : ''}`)
      const own = new URL(url)
      own.pathname = `/${full}`
      return {
        url: own.href,
        name: full,
        drop: async () => void (await query(url, `drop database if exists ${full} with (force)`)),
      }
    },
    stop,
  }
}

/** Uses the given server, or starts an embedded one in a new folder. Throws if commits are not durable. */
export const startPostgres = async (given: string | undefined): Promise<PostgresServer> => {
  if (given !== undefined) return serverAt(given, async () => {})
  const dataDir = await mkdtemp(join(tmpdir(), 'shop-bench-'))
  // For root: Postgres then runs as another user, who needs access.
  await chmod(dataDir, 0o711)
  let postgres = await startEmbeddedPostgres({ dataDir, durable: true })
  // A typical setting for this size: the default of 128 MB writes pages while they are still being changed.
  await query(postgres.url, `alter system set shared_buffers = '2GB'`)
  // Both sides write more per minute than the default allows, so a checkpoint would affect a single round.
  await query(postgres.url, `alter system set max_wal_size = '8GB'`)
  await query(postgres.url, `alter system set checkpoint_timeout = '15min'`)
  await postgres.stop()
  postgres = await startEmbeddedPostgres({ dataDir, durable: true })
  return serverAt(postgres.url, async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
}
