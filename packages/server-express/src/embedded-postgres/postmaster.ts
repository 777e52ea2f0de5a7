import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Binaries, programPath } from './binaries.js'
import { cleanEnvironment } from './cluster.js'
import { EmbeddedPostgresError } from './error.js'
import { commandAs, type Identity } from './identity.js'
import { openOwn, ownerOf } from './own-files.js'
import { commandLineOf, isRunning } from './processes.js'

export interface EmbeddedPostgresLogger {
  debug(message: string): void
  warn(message: string): void
}

export interface PostmasterOptions {
  readonly cluster: string
  readonly binaries: Binaries
  readonly identity: Identity
  readonly durable: boolean
  readonly port: number | undefined
  readonly logger: EmbeddedPostgresLogger | undefined
}

export interface Postmaster {
  readonly pid: number
  readonly port: number
  /** Resolves when Postgres has ended, for any reason. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const readyWithinMs = 300_000
const stopWithinMs = 20_000
const attempts = 20

/** Starts Postgres. If another program takes the chosen port first, tries another one. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const outcome = await tryStart(options, port)
    if (typeof outcome !== 'string') return outcome
    if (attempt === attempts || !isTransient(outcome, options)) {
      throw new EmbeddedPostgresError('START_FAILED', `Postgres did not start in ${options.cluster}: ${outcome}`)
    }
    await sleep(100)
  }
}

/** Transient problems: the port is taken, or a killed server or its last sessions have not ended yet. */
function isTransient(problem: string, { port }: PostmasterOptions): boolean {
  const portTaken = /could not bind|could not create any TCP\/IP sockets/.test(problem)
  const stillThere = /pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(problem)
  return (portTaken && port === undefined) || stillThere
}

/** Stops a Postgres whose parent has died. Clears a pid file whose number now belongs to an unrelated process. */
export async function stopOrphan(options: Pick<PostmasterOptions, 'cluster' | 'binaries' | 'identity'>): Promise<void> {
  const { cluster } = options
  const pidFile = await openOwn(join(cluster, 'postmaster.pid'), 'write', { owner: await ownerOf(cluster) })
  if (!pidFile) return
  try {
    const text = await pidFile.readFile('utf8')
    const pid = Number.parseInt(text, 10)
    if (isRunning(pid) && isPostgresOf(pid, cluster)) {
      await stopByPid(pid, options)
      return
    }
    // If another process has that number, Postgres would refuse to start. Its own parent is the only exception,
    // so write the number of this process. Postgres then takes the file over. It still uses the other lines to
    // find sessions that outlived their server.
    await pidFile.truncate()
    await pidFile.write(text.replace(/^-?\d+/, String(process.pid)), 0)
  } finally {
    await pidFile.close()
  }
}

function isPostgresOf(pid: number, cluster: string): boolean {
  if (process.platform === 'win32') return true
  return commandLineOf(pid).includes(cluster)
}

async function stopByPid(pid: number, options: Pick<PostmasterOptions, 'cluster' | 'binaries' | 'identity'>) {
  fastShutdown(pid, options)
  for (const end = Date.now() + stopWithinMs; isRunning(pid); await sleep(20)) {
    if (Date.now() > end) {
      throw new EmbeddedPostgresError(
        'FOLDER_IN_USE',
        `Postgres (process ${pid}) in ${options.cluster} did not stop in time`,
      )
    }
  }
}

function fastShutdown(
  pid: number,
  { cluster, binaries, identity }: Pick<PostmasterOptions, 'cluster' | 'binaries' | 'identity'>,
) {
  if (process.platform === 'win32') {
    // On Windows, a signal would kill it.
    const command = commandAs(identity, programPath(binaries, 'pg_ctl'), ['stop', '-D', cluster, '-m', 'fast'], 'KILL')
    spawn(command.file, command.args, { env: cleanEnvironment(), stdio: 'ignore', windowsHide: true })
    return
  }
  try {
    process.kill(pid, 'SIGINT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Starts Postgres once. Resolves with the running server, or with the reason for the failure. */
async function tryStart(options: PostmasterOptions, port: number): Promise<Postmaster | string> {
  const { cluster, binaries, identity } = options
  const args = ['-D', cluster, '-p', String(port), '-h', '127.0.0.1', '-k', '', ...settings(options.durable)]
  const command = commandAs(identity, programPath(binaries, 'postgres'), args, 'INT')
  const child = spawn(command.file, command.args, {
    ...command.ids,
    env: cleanEnvironment(),
    // A separate session: Ctrl-C in the terminal reaches only the server, which stops Postgres after its last request.
    ...(process.platform === 'win32' ? { windowsHide: true } : { cwd: '/', detached: true }),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const atExit = () => child.kill('SIGINT')
  process.once('exit', atExit)
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  }).then(() => void process.off('exit', atExit))
  const problem = await untilReady(child, options.logger)
  const { pid } = child
  if (problem !== undefined || pid === undefined) {
    child.kill('SIGINT')
    await ended
    return problem ?? 'the process was not created'
  }
  return {
    pid,
    port,
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      fastShutdown(pid, options)
      const killTimer = setTimeout(() => child.kill('SIGQUIT'), stopWithinMs)
      await ended
      clearTimeout(killTimer)
    },
  }
}

function settings(durable: boolean): string[] {
  const commits = durable ? 'on' : 'off'
  return [
    'max_connections=200',
    `fsync=${commits}`,
    `synchronous_commit=${commits}`,
    `full_page_writes=${commits}`,
    // Failed statements are reported to their sessions. The log is for messages of the server itself.
    'log_min_messages=log',
    'log_checkpoints=off',
  ].flatMap((setting) => ['-c', setting])
}

function untilReady(child: ChildProcess, logger: EmbeddedPostgresLogger | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const lastLines: string[] = []
    const late = setTimeout(() => resolve(`it was not ready within ${readyWithinMs} ms`), readyWithinMs)
    const settle = (problem: string | undefined) => {
      clearTimeout(late)
      resolve(problem)
    }
    child.once('error', (error) => settle(error.message))
    child.once('close', (code, signal) => settle(`it exited with ${code ?? signal}: ${lastLines.join(' | ')}`))
    if (!child.stderr) return
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (lastLines.push(line) > 10) lastLines.shift()
      if (/\b(FATAL|PANIC|WARNING):/.test(line)) logger?.warn(line)
      else logger?.debug(line)
      if (line.includes('ready to accept connections')) settle(undefined)
    })
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port')),
      )
    })
  })
}
