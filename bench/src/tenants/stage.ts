import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PolicyOverrides } from '@shop/core'
import { serverProgram } from '../http/server-process.js'
import { type Database, type PostgresServer, startPostgres } from '../stage/postgres.js'

/** A shop of the measurement. */
export interface StagedShop {
  readonly shopId: string
  readonly database: 'a' | 'b'
  readonly schema: string
}

/** Callers of the measurement leave their orders open. */
export const policies: PolicyOverrides = { order: { pendingPerUser: null } }

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

/** A command of `shop-server tenants` that runs. */
export interface Running {
  readonly ended: Promise<Ended>
  kill(): void
}

/** Two databases on one server, and a file with shops that alternate between them. */
export interface Stage {
  readonly server: PostgresServer
  readonly databases: { readonly a: Database; readonly b: Database }
  readonly shops: readonly StagedShop[]
  readonly file: string
  /** For programs that serve the shops, beside the variables that they were started with. */
  readonly environment: Readonly<Record<string, string>>
  start(words: readonly string[]): Running
  /** Runs a command to its end. Throws if it fails. */
  run(words: readonly string[]): Promise<Ended>
  remove(): Promise<void>
}

const schemaOf = (index: number): string => `shop${String(index).padStart(4, '0')}`

const stagedShops = (count: number): readonly StagedShop[] =>
  Array.from({ length: count }, (_, index) => {
    const name = schemaOf(index)
    return { shopId: name, database: index % 2 === 0 ? 'a' : 'b', schema: name }
  })

export const prepareStage = async (count: number): Promise<Stage> => {
  const server = await startPostgres(undefined)
  const [a, b] = [await server.database('tenants_a'), await server.database('tenants_b')]
  const folder = await mkdtemp(join(tmpdir(), 'shop-bench-tenants-'))
  const file = join(folder, 'shops.json')
  const shops = stagedShops(count)
  const entries = shops.map(({ shopId, database, schema }) => [shopId, { database, schema, policies }] as const)
  const content = { databases: { a: a.url, b: b.url }, shops: Object.fromEntries(entries) }
  await writeFile(file, JSON.stringify(content), { mode: 0o600 })
  const environment = { SHOP_TENANTS: file, LOG_LEVEL: 'error' }
  const start = (words: readonly string[]): Running => {
    const began = performance.now()
    const child = spawn(process.execPath, [serverProgram(), 'tenants', ...words], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text
      })
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, ...texts, ms: performance.now() - began }))
    })
    return { ended, kill: () => void child.kill('SIGKILL') }
  }
  return {
    server,
    databases: { a, b },
    shops,
    file,
    environment,
    start,
    async run(words) {
      const result = await start(words).ended
      if (result.code !== 0) throw new Error(`shop-server tenants ${words.join(' ')}: ${result.stdout}${result.stderr}`)
      return result
    },
    async remove() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
