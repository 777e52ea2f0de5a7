import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ended, freePort, untilReady } from '@shop/test-support/child'
import { type Nginx, startNginx } from '@shop/test-support/nginx'
import { startWireProxy, type WireProxy } from '@shop/test-support/wire-proxy'
import { build } from 'tsup'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** Packages that knex and pg load only where they are installed. */
const optional = 'better-sqlite3|mariadb|mysql|mysql2|oracledb|pg-cloudflare|pg-native|pg-query-stream|sqlite3|tedious'

/** The host as one file, built from the sources where they are. */
export const buildHost = async (): Promise<{ readonly program: string; remove(): Promise<void> }> => {
  const outDir = await mkdtemp(join(folder, 'node_modules', '.drop-'))
  await build({
    entry: [join(folder, 'src/main.ts')],
    outDir,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    noExternal: [new RegExp(`^(?!(${optional})(/|$))`)],
    external: [new RegExp(`^(${optional})(/|$)`)],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    esbuildOptions: (options) => {
      options.conditions = ['@shop/source']
    },
    outExtension: () => ({ js: '.mjs' }),
  })
  return { program: join(outDir, 'main.mjs'), remove: () => rm(outDir, { recursive: true, force: true }) }
}

/** A host, and the connection to its database, which can be watched statement by statement. */
export interface Host {
  readonly wire: WireProxy
  readonly port: number
  start(): Promise<void>
  /** Kills the process. Nothing that it has not sent yet is sent. */
  crash(): Promise<void>
  stop(): Promise<void>
}

export const hostOn = async (
  program: string,
  { databaseUrl, env }: { readonly databaseUrl: string; readonly env: Readonly<Record<string, string>> },
): Promise<Host> => {
  const [wire, port] = await Promise.all([startWireProxy(databaseUrl), freePort()])
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    child?.kill(signal)
    if (child) await ended(child)
  }
  return {
    wire,
    port,
    async start() {
      child = spawn(process.execPath, [program], {
        env: { ...process.env, DATABASE_URL: wire.url, PORT: String(port), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      await untilReady('host', child, 'Listening on ')
    },
    crash: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM')
      await wire.stop()
    },
  }
}

/** nginx with the example's own settings, in front of these hosts. */
export const nginxBefore = async (hosts: readonly Host[]): Promise<Nginx> => {
  const settings = await readFile(join(folder, 'nginx.conf'), 'utf8')
  return startNginx(
    hosts.map(({ port }) => port),
    (listen, [first = '', second = '']) =>
      settings
        .replaceAll('127.0.0.1:3001', first)
        .replaceAll('127.0.0.1:3002', second)
        .replaceAll('127.0.0.1:8080', listen),
  )
}
