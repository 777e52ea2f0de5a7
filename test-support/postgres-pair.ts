import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import knex, { type Knex } from 'knex'
import { findBinaries, programPath } from '../packages/server-express/src/embedded-postgres/binaries.js'
import { cleanEnvironment, clusterFolder } from '../packages/server-express/src/embedded-postgres/cluster.js'
import { chooseIdentity, commandAs } from '../packages/server-express/src/embedded-postgres/identity.js'
import { startEmbeddedPostgres } from '../packages/server-express/src/embedded-postgres/index.js'
import { freePort } from './child.js'
import { startProxy } from './redis/start-proxy.js'

/** A primary and its hot standby, replicated over a network that can be cut. */
export interface PostgresPair {
  readonly primaryUrl: string
  readonly standbyUrl: string
  /** Two connections, as superuser. */
  readonly primary: Knex
  readonly standby: Knex
  /** Turns synchronous replication on or off. Resolves when the setting is active. */
  synchronous(isOn: boolean): Promise<void>
  /** Resolves when the standby has everything that is committed. */
  caughtUp(): Promise<void>
  /** Blocks replication without an error. While it is asynchronous, commits go on, and `failOver` loses them. */
  freeze(): void
  /** Unblocks replication, so that the standby catches up. */
  thaw(): void
  /** Resolves when this many backends wait for the standby. */
  waits(count: number): Promise<void>
  /** Cancels the backends that wait for the standby. Resolves when there was at least one. */
  cancelWaits(options?: { readonly orUntil?: () => boolean }): Promise<void>
  /** Kills the primary, so that replication ends, and promotes the standby. */
  failOver(): Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Polls until the condition holds. */
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 60_000; ; await pause(20)) {
    if (await condition().catch(() => false)) return
    if (Date.now() > end) throw new Error('timed out after 60 s waiting for a condition')
  }
}

const waiting = `from pg_stat_activity where wait_event = 'SyncRep'`

const silent: Knex.Logger = { warn: () => {}, error: () => {}, debug: () => {} }

const poolOn = (url: string): Knex => knex({ client: 'pg', connection: url, pool: { min: 0, max: 2 }, log: silent })

const holds = (pool: Knex, condition: string) => async (): Promise<boolean> => {
  const { rows } = await pool.raw(`select coalesce((${condition}), false) as so`)
  return rows[0].so
}

/** Starts Postgres as a standby on a copy of a stopped cluster. */
const startStandby = (folder: string, port: number) => {
  const cluster = clusterFolder(folder)
  const binaries = findBinaries(undefined)
  const identity = chooseIdentity({ cluster, binaries: binaries.folder })
  // A standby must allow at least as many connections as its primary.
  const settings = ['-c', 'fsync=off', '-c', 'max_connections=200']
  const args = ['-D', cluster, '-p', String(port), '-h', '127.0.0.1', '-k', '', ...settings]
  const command = commandAs(identity, programPath(binaries, 'postgres'), args, 'INT')
  const child = spawn(command.file, command.args, {
    ...command.ids,
    env: cleanEnvironment(),
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  const ended = once(child, 'exit')
  return {
    /** Rejects when the standby ends. */
    failed: ended.then(() => Promise.reject(new Error(`the standby ended: ${said}`))),
    async stop() {
      child.kill('SIGINT')
      await ended
    },
  }
}

/** Starts both servers, which takes a few seconds. Commits do not wait for the standby before `synchronous(true)`. */
export const startPostgresPair = async (): Promise<PostgresPair> => {
  const root = await mkdtemp(join(tmpdir(), 'shop-pair-'))
  // For root: Postgres then runs as another user, who needs access.
  await chmod(root, 0o711)
  const [first, second] = [join(root, 'primary'), join(root, 'standby')]
  const draft = await startEmbeddedPostgres({ dataDir: first, durable: false })
  await draft.stop()
  await mkdir(second, { mode: 0o711 })
  await run('cp', ['-a', clusterFolder(first), clusterFolder(second)])

  const main = await startEmbeddedPostgres({ dataDir: first, durable: false })
  const proxy = await startProxy(main.url)
  const { port, password, username } = new URL(proxy.url)
  const source = `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=standby`
  await appendFile(
    join(clusterFolder(second), 'postgresql.auto.conf'),
    `primary_conninfo = '${source}'\nwal_retrieve_retry_interval = 100ms\n`,
  )
  await writeFile(join(clusterFolder(second), 'standby.signal'), '')
  const standbyPort = await freePort()
  const server = startStandby(second, standbyPort)
  server.failed.catch(() => {})
  const standbyUrl = new URL(main.url)
  standbyUrl.port = String(standbyPort)

  const primary = poolOn(main.url)
  const standby = poolOn(standbyUrl.href)
  await Promise.race([until(holds(standby, 'pg_is_in_recovery()')), server.failed])
  // The server starts without durable commits. A setting of the database overrides that.
  await primary.raw('alter database postgres set synchronous_commit = on')

  return {
    primaryUrl: main.url,
    standbyUrl: standbyUrl.href,
    primary,
    standby,
    async synchronous(isOn) {
      await primary.raw(`alter system set synchronous_standby_names = '${isOn ? 'standby' : ''}'`)
      await primary.raw('select pg_reload_conf()')
      await until(holds(primary, `select sync_state = '${isOn ? 'sync' : 'async'}' from pg_stat_replication`))
    },
    caughtUp: () =>
      until(holds(primary, `select bool_and(replay_lsn >= pg_current_wal_lsn()) from pg_stat_replication`)),
    freeze: () => proxy.blackHole(),
    thaw: () => proxy.heal(),
    waits: (count) => until(holds(primary, `select count(*) >= ${count} ${waiting}`)),
    cancelWaits: ({ orUntil = () => false } = {}) => {
      const cancel = holds(primary, `select bool_or(pg_cancel_backend(pid)) ${waiting}`)
      return until(async () => orUntil() || (await cancel()))
    },
    async failOver() {
      await proxy.stop()
      await primary.destroy()
      process.kill(main.pid, 'SIGQUIT')
      await main.ended
      await standby.raw('select pg_promote()')
    },
    async stop() {
      await Promise.all([primary.destroy(), standby.destroy()])
      await proxy.stop()
      await server.stop()
      await main.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
