import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import knex, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { knexConnection } from '../../packages/adapter-knex/src/index.js'
import { findBinaries, programPath } from '../../packages/server-express/src/embedded-postgres/binaries.js'
import {
  cleanEnvironment,
  clusterFolder,
  readPassword,
  superuser,
} from '../../packages/server-express/src/embedded-postgres/cluster.js'
import { chooseIdentity } from '../../packages/server-express/src/embedded-postgres/identity.js'
import { startEmbeddedPostgres } from '../../packages/server-express/src/embedded-postgres/index.js'

const run = promisify(execFile)
const ip = async (line: string): Promise<void> => void (await run('ip', line.split(' ')))

const id = `${process.pid % 10_000}`
const namespace = `shop-${id}`
const ours = `shopa${id}`
const theirs = `shopb${id}`
const subnet = `10.199.${process.pid % 250}`

const makeNetwork = async (): Promise<void> => {
  await ip(`netns add ${namespace}`)
  await ip(`link add ${ours} type veth peer name ${theirs} netns ${namespace}`)
  await ip(`addr add ${subnet}.1/24 dev ${ours}`)
  await ip(`link set ${ours} up`)
  await ip(`netns exec ${namespace} ip addr add ${subnet}.2/24 dev ${theirs}`)
  await ip(`netns exec ${namespace} ip link set ${theirs} up`)
}

/**
 * Why this machine cannot create and cut a network. A proxy would not do: its kernel responds for the missing
 * client.
 */
const hindrance = async (): Promise<string | undefined> => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux'
  try {
    await makeNetwork()
    return undefined
  } catch (error) {
    return `a network namespace cannot be made: ${(error as Error).message.trim()}`
  } finally {
    // By itself the link goes some time after its namespace, and the next one could not have its name.
    await ip(`link del ${ours}`).catch(() => {})
    await ip(`netns del ${namespace}`).catch(() => {})
  }
}

const reason = await hindrance()
if (reason !== undefined) process.stderr.write(`half-open connections are not tried: ${reason}\n`)

/** Postgres in a separate network namespace. Its Unix socket stays reachable, so the test can still query it. */
const startPostgres = async (folder: string): Promise<ChildProcess> => {
  const first = await startEmbeddedPostgres({ dataDir: folder, durable: false })
  await first.stop()
  const cluster = clusterFolder(folder)
  await appendFile(join(cluster, 'pg_hba.conf'), `host all all ${subnet}.0/24 scram-sha-256\n`)
  const binaries = findBinaries(undefined)
  const identity = chooseIdentity({ cluster, binaries: binaries.folder })
  if (identity.kind !== 'user') throw new Error(`Postgres would run as ${identity.kind}`)
  const user = ['setpriv', '--reuid', identity.uid, '--regid', identity.gid, '--clear-groups', '--pdeathsig', 'KILL']
  const program = [programPath(binaries, 'postgres'), '-D', cluster, '-p', '5432', '-h', `${subnet}.2`, '-k', cluster]
  const args = ['netns', 'exec', namespace, ...user, ...program].map(String)
  const child = spawn('ip', args, { env: cleanEnvironment(), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise<void>((resolve, reject) => {
    let log = ''
    child.stderr?.on('data', (chunk) => {
      log = (log + chunk).slice(-4000)
      if (log.includes('ready to accept connections')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${log}`)))
  })
  return child
}

describe.skipIf(reason !== undefined)(
  `sessions whose client the network has cut off${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let folder: string
    let postgres: ChildProcess
    let admin: Knex
    let url: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'shop-half-open-'))
      await chmod(folder, 0o711)
      await makeNetwork()
      postgres = await startPostgres(folder)
      const password = await readPassword(folder)
      url = `postgres://${superuser}:${password}@${subnet}.2:5432/postgres`
      const connection = { host: clusterFolder(folder), port: 5432, user: superuser, password, database: 'postgres' }
      admin = knex({ client: 'pg', connection, pool: { min: 0, max: 1 } })
    })
    afterAll(async () => {
      await admin.destroy()
      const ended = new Promise((resolve) => postgres.once('exit', resolve))
      postgres.kill('SIGKILL')
      await ended
      await ip(`netns del ${namespace}`)
      await rm(folder, { recursive: true, force: true })
    })

    const sessionsOf = async (name: string): Promise<number> => {
      const { rows } = await admin.raw(
        'select count(*)::int as count from pg_stat_activity where application_name = ?',
        [name],
      )
      return rows[0].count
    }

    const fill = (pool: Knex, count: number) =>
      Promise.all(Array.from({ length: count }, () => pool.raw('select pg_sleep(0.3)')))

    test('release their slots within half a minute, while other sessions keep theirs', {
      timeout: 180_000,
    }, async () => {
      const pool = knexConnection(url, { pool: { max: 6 } })
      const other = knex({
        client: 'pg',
        connection: { connectionString: url, application_name: 'other' },
        pool: { min: 0, max: 3 },
      })
      await Promise.all([fill(pool, 6), fill(other, 3)])
      expect([await sessionsOf('shop'), await sessionsOf('other')]).toEqual([6, 3])
      await ip(`link set ${ours} down`)
      const cut = performance.now()
      await expect.poll(() => sessionsOf('shop'), { timeout: 60_000, interval: 250 }).toBe(0)
      expect(performance.now() - cut).toBeLessThan(35_000)
      expect(await sessionsOf('other')).toBe(3)
      await ip(`link set ${ours} up`)
      await Promise.all([pool.destroy(), other.destroy()])
    })
  },
)
