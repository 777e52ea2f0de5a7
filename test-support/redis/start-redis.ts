import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { ended, freePort, untilReady } from '../child.js'
import type { RedisProgram } from './find-redis.js'

export interface RedisServerOptions {
  /** @default a free port */
  readonly port?: number
  /** Further settings of redis.conf, such as `{ maxmemory: '2mb' }`. Nothing is evicted by default. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A Redis process without persistence. It always ends with the test process. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Of the current process. */
  readonly pid: number
  /** Sends one command on a new connection and resolves with the first line of the reply. */
  send(command: string): Promise<string>
  /** Removes all data. */
  flush(): Promise<void>
  /** Freezes the process (SIGSTOP): connections stay open, without replies. */
  freeze(): void
  thaw(): void
  /** Kills it: connections are closed, and new ones refused. */
  kill(): Promise<void>
  /** Restarts it on the same port, without data. Kills it first if it runs. */
  restart(): Promise<void>
  /** Stops it and removes its folder. */
  stop(): Promise<void>
}

/** On Linux, a process can be set to end with its parent. */
const withParentDeathSignal = (program: string): readonly [string, ...string[]] =>
  process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', program] : [program]

const launch = ({ path, libraries }: RedisProgram, args: readonly string[]): Promise<ChildProcess> => {
  const [command, ...first] = withParentDeathSignal(path)
  const env = libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env
  const child = spawn(command, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  return untilReady('redis-server', child, 'eady to accept connections')
}

const send = (port: number, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    let reply = ''
    socket.setEncoding('utf8')
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`no reply to ${command}`)))
    socket.on('data', (text) => {
      reply += text
      const end = reply.indexOf('\r\n')
      if (end < 0) return
      resolve(reply.slice(0, end))
      socket.destroy()
    })
  })

/** Starts a Redis server. A test file can start several. */
export const startRedis = async ({ port: wanted, settings = {} }: RedisServerOptions = {}): Promise<RedisServer> => {
  const program = inject('redisProgram')
  const port = wanted ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'shop-redis-'))
  const all = { port: String(port), bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no', ...settings }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  let child = await launch(program, args)

  const kill = async () => {
    child.kill('SIGKILL')
    await ended(child)
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid as number
    },
    send: (command) => send(port, command),
    async flush() {
      await send(port, 'FLUSHALL')
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    async restart() {
      await kill()
      child = await launch(program, args)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
