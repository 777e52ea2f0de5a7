import {
  checkDatabase,
  type DatabaseProbe,
  databaseProbe,
  knexConnection,
  knexHistoryIdentity,
} from '@shop/adapter-knex'
import type { Knex } from 'knex'
import { poolOf } from '../composition/storage.js'
import type { HealthCheck } from '../http/http-deps.js'
import type { PoolState } from '../observability/metrics.js'
import { settlesWithin } from '../util/settles-within.js'

/** Shorter than the readiness check waits: a database that hangs must not hide the others. */
const answerMs = 700

const isWritable = async (probe: DatabaseProbe): Promise<boolean> => {
  let state: string | undefined
  const asked = probe.ask().then((answer) => {
    state = answer
  })
  await settlesWithin(
    answerMs,
    asked.catch(() => {}),
  )
  return state === 'writable'
}

const historyMs = 5_000

/** Callers within this time share one answer. A failure is not remembered. */
const rememberedFor = (ms: number, ask: () => Promise<string>): (() => Promise<string>) => {
  let answer: Promise<string> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (answer && performance.now() - askedAt < ms) return answer
    askedAt = performance.now()
    const asked = ask()
    answer = asked
    asked.catch(() => {
      if (answer === asked) answer = undefined
    })
    return asked
  }
}

/** A connection of Postgres keeps about 0.3 MB for each schema that it has worked in. */
const maxAgeMs = 300_000

/** One database, with the pool that its shops share. */
export interface Pool {
  readonly knex: Knex
  /** Checks once whether a shop can live in the database. Rejects with the reason, and checks again next time. */
  checked(): Promise<void>
  /** What names the history of the database, at most five seconds old: its shops share one question. */
  history(): Promise<string>
}

interface OpenPool extends Pool {
  readonly probe: DatabaseProbe
  users: number
  /** When the last shop left it, in milliseconds of `performance.now()`. */
  idleSince: number
}

export interface DatabasePoolsOptions {
  /** Connections of each pool, at most. */
  readonly size: number
  /** `false` behind a pooler in transaction mode. @default true */
  readonly prepared: boolean | undefined
  /** How long a pool stays open that no open shop uses, in milliseconds. */
  readonly idleMs: number
  readonly log: Knex.Logger
}

/** The pools of a server of many shops: one for each database, opened for the first shop in it. */
export class DatabasePools {
  readonly #options: DatabasePoolsOptions
  readonly #pools = new Map<string, OpenPool>()
  readonly #closing = new Set<Promise<unknown>>()

  constructor(options: DatabasePoolsOptions) {
    this.#options = options
  }

  /**
   * The pool of a database, until `release`. Nothing is sent to the database.
   * @throws DatabaseUrlError as `checkDatabaseUrl` does
   */
  take(url: string): Pool {
    const pool = this.#pools.get(url) ?? this.#open(url)
    pool.users += 1
    return pool
  }

  release(url: string): void {
    const pool = this.#pools.get(url)
    if (!pool) return
    pool.users -= 1
    pool.idleSince = performance.now()
  }

  /** Closes the pools that were idle for long. */
  sweep(): void {
    const before = performance.now() - this.#options.idleMs
    for (const [url, { users, idleSince }] of this.#pools) if (users === 0 && idleSince < before) this.#close(url)
  }

  /** The connections of all pools. */
  get state(): PoolState {
    const all = { used: 0, free: 0, pending: 0 }
    for (const { knex } of this.#pools.values()) {
      const { used, free, pending } = poolOf(knex)() ?? { used: 0, free: 0, pending: 0 }
      all.used += used
      all.free += free
      all.pending += pending
    }
    return all
  }

  /** `down` only if every open database is: while one is away, the shops of the others go on. */
  async check(): Promise<HealthCheck> {
    const areUp = await Promise.all([...this.#pools.values()].map(({ probe }) => isWritable(probe)))
    const down = areUp.filter((isUp) => !isUp).length
    if (down === 0) return { status: 'up' }
    const detail = `${down} of ${areUp.length} databases accept no writes`
    return { status: down === areUp.length ? 'down' : 'degraded', detail }
  }

  /** Closes all pools, also those in use. */
  async close(): Promise<void> {
    for (const url of [...this.#pools.keys()]) this.#close(url)
    await Promise.allSettled(this.#closing)
  }

  #open(url: string): OpenPool {
    const { size, prepared, log } = this.#options
    const knex = knexConnection(url, { pool: { max: size, maxAgeMs }, log, ...(prepared === false && { prepared }) })
    let checked: Promise<void> | undefined
    const pool: OpenPool = {
      knex,
      probe: databaseProbe(knex),
      history: rememberedFor(historyMs, knexHistoryIdentity(knex, { prepared: false })),
      users: 0,
      idleSince: 0,
      checked() {
        checked ??= checkDatabase(knex, { prepared }).catch((error: unknown) => {
          checked = undefined
          throw error
        })
        return checked
      },
    }
    this.#pools.set(url, pool)
    return pool
  }

  #close(url: string): void {
    const pool = this.#pools.get(url)
    this.#pools.delete(url)
    const closed = Promise.allSettled([pool?.probe.close(), pool?.knex.destroy()])
    this.#closing.add(closed)
    void closed.then(() => this.#closing.delete(closed))
  }
}
