import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { PolicyOverrides } from '@shop/core'

/** The program of the server package, as published. */
export const serverProgram = (): string =>
  join(dirname(fileURLToPath(import.meta.resolve('@shop/server-express/package.json'))), 'dist', 'main.js')

/** The environment without variables that would configure the server. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SHOP_|DATABASE_URL|REDIS_URL|PORT|HOST|LOG_LEVEL)/.test(name)),
  )

export interface StartedProgram {
  readonly child: ChildProcess
  /** Output until it listens. */
  readonly output: string
  /** Time from its start until it listens. */
  readonly ms: number
  stop(): Promise<void>
}

/** Starts a program and waits until it prints that it listens. Output goes to a file, as in production. */
export const startProgram = async (
  program: string,
  environment: NodeJS.ProcessEnv,
  nodeOptions: readonly string[] = [],
): Promise<StartedProgram> => {
  const folder = await mkdtemp(join(tmpdir(), 'shop-bench-server-'))
  const outputFile = join(folder, 'output')
  const file = openSync(outputFile, 'w')
  const began = performance.now()
  const child = spawn(process.execPath, [...nodeOptions, program], {
    cwd: folder,
    env: { ...cleanEnvironment(), PORT: '0', ...environment },
    stdio: ['ignore', file, 'inherit'],
  })
  closeSync(file)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  for (;;) {
    const output = await readFile(outputFile, 'utf8')
    if (/^Listening on /m.test(output)) return { child, output, ms: performance.now() - began, stop }
    if (child.exitCode !== null || child.signalCode !== null) {
      await stop()
      throw new Error(`${program} ended instead of listening: ${output}`)
    }
    await pause(2)
  }
}

export interface ShopServerProcess {
  readonly port: number
  readonly pid: number
  /** In megabytes. */
  memory(): Promise<number>
  stop(): Promise<void>
}

/** The server with its normal features: authentication, validation, logs, metrics and scheduled jobs. */
export const startShopServer = async (options: {
  readonly url: string
  readonly secret: string
  readonly profileFolder?: string | undefined
  readonly policies?: PolicyOverrides | undefined
  /** @default 1 */
  readonly workers?: number | undefined
}): Promise<ShopServerProcess> => {
  const { url, secret, profileFolder, policies, workers = 1 } = options
  const environment = {
    DATABASE_URL: url,
    SHOP_JWT_SECRET: secret,
    SHOP_DEMO_DATA: 'off',
    SHOP_RATE_LIMIT: '0',
    SHOP_WORKERS: String(workers),
    // Watchers that leave and those that follow them overlap.
    SHOP_LIVE_CONNECTIONS: '3000',
    SHOP_POLICIES: JSON.stringify({ charge: { balanceLimit: 10 ** 15 }, ...policies }),
  }
  const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const { child, output, stop } = await startProgram(serverProgram(), environment, profiling)
  const port = Number(/^Listening on http:\/\/[^ ]+:(\d+) /m.exec(output)?.[1])
  return {
    port,
    pid: child.pid ?? 0,
    async memory() {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)])
      return Number(stdout) / 1_024
    },
    stop,
  }
}
