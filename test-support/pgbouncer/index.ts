import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseIdentity, commandAs } from '../../packages/server-express/src/embedded-postgres/identity.js'
import { freePort, type RestartableProcess, restartable, untilReady } from '../child.js'
import { findProgram, type Program } from '../distribution.js'

export interface PgbouncerOptions {
  readonly mode: 'session' | 'transaction' | 'statement'
  /** Further settings of pgbouncer.ini, such as `{ default_pool_size: '5' }`. All others are pgbouncer's defaults. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A pgbouncer process in front of a Postgres. It always ends with the test process. */
export interface Pgbouncer extends RestartableProcess {
  /** URL of the given database, through pgbouncer. */
  readonly url: string
}

const findPgbouncer = (): Promise<Program> =>
  findProgram({
    names: ['pgbouncer'],
    variable: 'PGBOUNCER_BIN',
    packages: ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'],
    file: 'usr/sbin/pgbouncer',
    advice:
      'These tests need pgbouncer, and none was found. Install it ("apt install pgbouncer", "brew install pgbouncer"), ' +
      'or set PGBOUNCER_BIN to its path.',
  })

/** Maps every client to the user of `url`. */
const iniOf = (url: URL, port: number, { mode, settings }: PgbouncerOptions): string => {
  const target = `host=${url.hostname} port=${url.port || 5432}`
  const user = `user='${decodeURIComponent(url.username)}' password='${decodeURIComponent(url.password)}'`
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
    ...settings,
  }
  const lines = Object.entries({ ...all, pool_mode: mode }).map(([name, value]) => `${name} = ${value}`)
  return ['[databases]', `* = ${target} ${user}`, '[pgbouncer]', ...lines, ''].join('\n')
}

const launch = ({ path, libraries }: Program, folder: string): Promise<ChildProcess> => {
  // pgbouncer refuses to run as root.
  const identity = chooseIdentity({ cluster: join(folder, 'none'), binaries: path })
  const { file, args, ids } = commandAs(identity, path, [join(folder, 'pgbouncer.ini')], 'KILL')
  const env = libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env
  const child = spawn(file, args, { env, ...ids, stdio: ['ignore', 'pipe', 'pipe'] })
  return untilReady('pgbouncer', child, 'process up')
}

/** Starts pgbouncer in front of the Postgres of a URL. */
export const startPgbouncer = async (target: string, options: PgbouncerOptions): Promise<Pgbouncer> => {
  const program = await findPgbouncer()
  const url = new URL(target)
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'shop-pgbouncer-'))
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'pgbouncer.ini'), iniOf(url, port, options))
  const pooler = await restartable(() => launch(program, folder), folder)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return { url: url.href, ...pooler }
}
