import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import pg from 'pg'

export interface Database {
  readonly url: string
  readonly name: string
  drop(): Promise<void>
}

export interface PostgresServer {
  readonly version: string
  /** Makes a database: empty, or a copy of another one to which nobody is connected. */
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
    throw new Error(`commits must be durable to be measured: ${lax.join(', ')} must be on`)
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

/** The server that is given, or the embedded one on a new folder: with durable commits, or not at all. */
export const startPostgres = async (given: string | undefined): Promise<PostgresServer> => {
  if (given !== undefined) return serverAt(given, async () => {})
  const dataDir = await mkdtemp(join(tmpdir(), 'shop-bench-'))
  // For root: Postgres then runs as another user, who has to pass.
  await chmod(dataDir, 0o711)
  let postgres = await startEmbeddedPostgres({ dataDir, durable: true })
  // What a server of this size would be given: the default of 128 MB writes pages out while they are still being changed.
  await query(postgres.url, `alter system set shared_buffers = '2GB'`)
  // Both sides write more in a minute than the default leaves room for: checkpoints would fall into one turn or the other.
  await query(postgres.url, `alter system set max_wal_size = '8GB'`)
  await query(postgres.url, `alter system set checkpoint_timeout = '15min'`)
  await postgres.stop()
  postgres = await startEmbeddedPostgres({ dataDir, durable: true })
  return serverAt(postgres.url, async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
}
