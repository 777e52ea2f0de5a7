import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '@shop/adapter-knex'
import { type Passage, startWireProxy, type WireProxy } from '@shop/test-support/wire-proxy'
import knex, { type Knex } from 'knex'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded-postgres/index.js'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiResponse, administratorOf, secret } from '../support/tokens.js'

/** What serves the shop: the command line program, or a host with a companion. */
export type Program = 'server' | 'host'

/** One Postgres that keeps its committed data through crashes, and the program under test. */
export interface TestBed {
  /** The programs under test: the command line program, and a host with a companion. */
  readonly programs: Readonly<Record<Program, Bundle>>
  readonly folder: string
  url(): string
  /** Kills Postgres, as in a crash, and restarts it at the same address. */
  crashPostgres(): Promise<void>
  close(): Promise<void>
}

const hostProgram = fileURLToPath(new URL('./host-with-companion.ts', import.meta.url))

export const openTestBed = async (): Promise<TestBed> => {
  const [server, host] = await Promise.all([bundleServer(), bundleServer(hostProgram)])
  const folder = await mkdtemp(join(tmpdir(), 'shop-crash-'))
  const dataDir = join(folder, 'data')
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir })
  return {
    programs: { server, host },
    folder,
    url: () => postgres.url,
    async crashPostgres() {
      process.kill(postgres.pid, 'SIGQUIT')
      await postgres.ended
      await postgres.stop()
      postgres = await startEmbeddedPostgres({ dataDir, port: Number(new URL(postgres.url).port) })
    },
    async close() {
      await postgres.stop()
      await Promise.all([server.remove(), host.remove()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const schema = 'shop'

const createNotes = 'create table gift_notes (order_id text primary key, user_id text not null)'

/** Connections of the test die with Postgres, too. */
const silent: Knex.Logger = { warn: () => {}, error: () => {}, debug: () => {} }

/** A lease that never ends, so that no server leads and every statement on the wire belongs to a command. */
const holdLeadership = (database: Knex) =>
  database.raw(`insert into ${schema}.leases (name, token, expires_at) values ('scheduler', 1, 'infinity')`)

/** Statements that a server sends by itself: leadership, and the setup of each new connection. */
const isOfCommand = (sql: string): boolean => !/"leases"|^set plan_cache_mode|^select set_config/.test(sql)

interface SystemOptions {
  readonly policies: object
  readonly program: Program
}

/** One database, one server on it behind a wire proxy, and its clients. */
export class TestSystem {
  readonly #testBed: TestBed
  readonly #program: Program
  readonly #environment: Record<string, string>
  readonly #proxy: WireProxy
  readonly #database: Knex
  #server: ServerProcess
  #call: ReturnType<typeof administratorOf>

  static async open(testBed: TestBed, policies: object, program: Program): Promise<TestSystem> {
    const name = `shop_${randomUUID().replaceAll('-', '')}`
    const admin = knex({ client: 'pg', connection: testBed.url(), pool: { min: 0, max: 1 } })
    await admin.raw('create database ??', [name])
    await admin.destroy()
    const url = new URL(testBed.url())
    url.pathname = `/${name}`
    const database = knex({ client: 'pg', connection: url.href, pool: { min: 0, max: 2 }, log: silent })
    await migrate(database, { schema })
    await database.raw(createNotes)
    await holdLeadership(database)
    return new TestSystem(testBed, database, await startWireProxy(url.href), { policies, program })
  }

  private constructor(testBed: TestBed, database: Knex, proxy: WireProxy, { policies, program }: SystemOptions) {
    this.#testBed = testBed
    this.#program = program
    this.#database = database
    this.#proxy = proxy
    this.#environment = {
      DATABASE_URL: proxy.url,
      SHOP_JWT_SECRET: secret,
      SHOP_POLICIES: JSON.stringify(policies),
      LOG_LEVEL: 'warn',
    }
    this.#server = this.#start()
    this.#call = this.#listening()
  }

  /** Sends one attempt to the server that runs or is starting. Rejects without a response. */
  async call(method: string, path: string, body?: unknown, key?: string): Promise<ApiResponse> {
    return (await this.#call)(method, path, body, key)
  }

  async listening(): Promise<void> {
    await this.#call
  }

  get isServerRunning(): boolean {
    const { exitCode, signalCode } = this.#server.child
    return exitCode === null && signalCode === null
  }

  get serverOutput(): string {
    return `${this.#server.stdout()}\n${this.#server.stderr()}`
  }

  /** Kills the server's process, as in a power failure, and starts another one. */
  async killServer(): Promise<void> {
    const { child, ended } = this.#server
    child.kill('SIGKILL')
    await ended
    this.#server = this.#start()
    this.#call = this.#listening()
  }

  async terminateBackend(pid: number): Promise<void> {
    await this.#database.raw('select pg_terminate_backend(?, 5000)', [pid])
  }

  crashPostgres(): Promise<void> {
    return this.#testBed.crashPostgres()
  }

  /** Called for every statement of a command. */
  watch(watcher: (passage: Passage) => Promise<unknown> | undefined): void {
    this.#proxy.watch = (passage) => (isOfCommand(passage.sql) ? watcher(passage) : undefined)
  }

  unwatch(): void {
    this.#proxy.watch = () => undefined
  }

  async close(): Promise<void> {
    this.#server.child.kill('SIGKILL')
    await this.#server.ended
    await this.#proxy.stop()
    await this.#database.destroy()
  }

  #start(): ServerProcess {
    return startProcess(this.#testBed.programs[this.#program].main, this.#testBed.folder, this.#environment)
  }

  #listening(): ReturnType<typeof administratorOf> {
    const call = this.#server.url.then(administratorOf)
    call.catch(() => undefined)
    return call
  }
}
