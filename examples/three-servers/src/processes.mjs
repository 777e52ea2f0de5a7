import { spawn } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

export const programOnPath = (...names) =>
  names
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

/** A program that can be killed, frozen and restarted. `started` decides from the output when it is ready. */
const restartable = (launch, started) => {
  let child
  let ended = Promise.resolve()
  const start = async () => {
    // Only then is its port free.
    await ended
    child = launch()
    const begun = child
    let output = ''
    const ready = new Promise((resolve, reject) => {
      const listen = (text) => {
        output = (output + text).slice(-8_000)
        if (started(output)) resolve()
      }
      for (const stream of [begun.stdout, begun.stderr]) stream.setEncoding('utf8').on('data', listen)
      begun.once('error', reject)
      begun.once('exit', (code) => reject(new Error(`${begun.spawnfile} ended with ${code}:\n${output}`)))
    })
    ended = new Promise((resolve) => begun.once('close', resolve))
    ready.catch(() => undefined)
    return ready
  }
  const signal = async (name) => {
    child.kill(name)
    await ended
  }
  return {
    start,
    kill: () => signal('SIGKILL'),
    stop: () => signal('SIGTERM'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

/** Finds Redis: REDIS_SERVER_BIN, on the PATH, or the copy that the tests downloaded. */
const findRedis = () => {
  const installed = process.env.REDIS_SERVER_BIN ?? programOnPath('redis-server', 'valkey-server')
  if (installed) return { path: installed, env: process.env }
  const fetched = join(root, 'node_modules/.cache/shop-programs/redis-server/usr')
  try {
    accessSync(join(fetched, 'bin/redis-server'), constants.X_OK)
    const lib = join(fetched, 'lib')
    const libraries = readdirSync(lib).map((name) => join(lib, name))
    return { path: join(fetched, 'bin/redis-server'), env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } }
  } catch {
    throw new Error(
      'Install Redis ("apt install redis-server", "brew install redis"), or set REDIS_SERVER_BIN to its path.',
    )
  }
}

/** Without persistence: empty after a restart. */
export const redisOn = (port, folder) => {
  const { path, env } = findRedis()
  const settings = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  return restartable(
    () => spawn(path, settings.map(String), { env, stdio: ['ignore', 'pipe', 'pipe'] }),
    (output) => output.includes('eady to accept connections'),
  )
}

/** The server of a built checkout of this repository. */
export const mainOf = (checkout = root) => join(checkout, 'packages/server-express/dist/main.js')

const ours = /^(SHOP_|DATABASE_URL|REDIS_URL|PORT|HOST|LOG_LEVEL)/
const cleanEnvironment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))

/** Settings of a server that needs no authentication, because it and its balancer listen on this machine only. */
export const serverEnvironment = (port, { databaseUrl, redisUrl }) => ({
  ...cleanEnvironment,
  PORT: String(port),
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  SHOP_AUTH: 'off',
  SHOP_AUTH_OFF_IS_SAFE: 'on',
  SHOP_DEMO_DATA: 'off',
  SHOP_DRAIN_MS: '1000',
  LOG_LEVEL: 'error',
})

/** One of the servers. */
export const serverOn = (port, { folder, ...urls }) =>
  restartable(
    () =>
      spawn(process.execPath, [mainOf()], {
        cwd: folder,
        env: serverEnvironment(port, urls),
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    (output) => output.includes('Listening on '),
  )
