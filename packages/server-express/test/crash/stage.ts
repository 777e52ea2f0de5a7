import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@shop/adapter-knex'
import { type Passage, startWireProxy, type WireProxy } from '@shop/test-support/wire-proxy'
import knex, { type Knex } from 'knex'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded-postgres/index.js'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type Answer, administratorOf, secret } from '../support/tokens.js'

/** One Postgres, which keeps what it has committed however it ends, and the program to be tried on it. */
export interface Theatre {
  readonly bundle: Bundle
  readonly folder: string
  url(): string
  /** Ends Postgres at once, as in a crash, and starts it again at the same address. */
  crashPostgres(): Promise<void>
  close(): Promise<void>
}

export const openTheatre = async (): Promise<Theatre> => {
  const bundle = await bundleServer()
  const folder = await mkdtemp(join(tmpdir(), 'shop-crash-'))
  const dataDir = join(folder, 'data')
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir })
  return {
    bundle,
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
      await bundle.remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const schema = 'shop'

/** Connections of our own die with Postgres, too. */
const silent: Knex.Logger = { warn: () => {}, error: () => {}, debug: () => {} }

/** A lease that never ends: no server leads, so that every statement on the wire belongs to a command. */
const holdLeadership = (database: Knex) =>
  database.raw(`insert into ${schema}.leases (name, token, expires_at) values ('scheduler', 1, 'infinity')`)

/** What a server asks of its own accord: whether it may lead. And what it says on each new connection. */
const isOfCommand = (sql: string): boolean => !/"leases"|^set plan_cache_mode|^select set_config/.test(sql)

/** One database, one server on it behind a wire proxy, and whoever calls it. */
export class Stage {
  readonly #theatre: Theatre
  readonly #environment: Record<string, string>
  readonly #proxy: WireProxy
  readonly #database: Knex
  #server: ServerProcess
  #call: ReturnType<typeof administratorOf>

  static async open(theatre: Theatre, policies: object): Promise<Stage> {
    const name = `shop_${randomUUID().replaceAll('-', '')}`
    const admin = knex({ client: 'pg', connection: theatre.url(), pool: { min: 0, max: 1 } })
    await admin.raw('create database ??', [name])
    await admin.destroy()
    const url = new URL(theatre.url())
    url.pathname = `/${name}`
    const database = knex({ client: 'pg', connection: url.href, pool: { min: 0, max: 2 }, log: silent })
    await migrate(database, { schema })
    await holdLeadership(database)
    return new Stage(theatre, database, await startWireProxy(url.href), policies)
  }

  private constructor(theatre: Theatre, database: Knex, proxy: WireProxy, policies: object) {
    this.#theatre = theatre
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

  /** One attempt, at the server that runs now or is being started; rejects where no answer comes. */
  async call(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
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

  /** Ends the server's process as a power cut would, and starts another one. */
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
    return this.#theatre.crashPostgres()
  }

  /** Is told of every statement of a command. */
  watch(watcher: (passage: Passage) => Promise<unknown> | undefined): void {
    this.#proxy.watch = (passage) => (isOfCommand(passage.sql) ? watcher(passage) : undefined)
  }

  watchNoMore(): void {
    this.#proxy.watch = () => undefined
  }

  async close(): Promise<void> {
    this.#server.child.kill('SIGKILL')
    await this.#server.ended
    await this.#proxy.stop()
    await this.#database.destroy()
  }

  #start(): ServerProcess {
    return startProcess(this.#theatre.bundle.main, this.#theatre.folder, this.#environment)
  }

  #listening(): ReturnType<typeof administratorOf> {
    const call = this.#server.url.then(administratorOf)
    call.catch(() => undefined)
    return call
  }
}
