import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { freePort, launch, type RestartableProcess, restartable } from '../child.js'

export interface RedisServerOptions {
  /** @default a free port */
  readonly port?: number
  /** Further settings of redis.conf, such as `{ maxmemory: '2mb' }`. Nothing is evicted by default. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A Redis process without persistence: a restart loses its data. It always ends with the test process. */
export interface RedisServer extends RestartableProcess {
  readonly url: string
  readonly port: number
  /** Sends one command on a new connection and resolves with the first line of the reply. */
  send(command: string): Promise<string>
  /** Removes all data. */
  flush(): Promise<void>
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
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    send: (command) => send(port, command),
    async flush() {
      await send(port, 'FLUSHALL')
    },
    ...(await restartable(() => launch(program, args, 'eady to accept connections'), folder)),
  }
}
