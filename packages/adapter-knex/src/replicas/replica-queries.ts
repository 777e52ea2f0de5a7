import { isStoreError } from '@shop/core/store'
import type { Knex } from 'knex'
import { type Database, openDatabase, type PoolClient } from '../database/database.js'
import type { PgPool } from '../database/pg-pool.js'
import type { Statement } from '../database/statement.js'
import type { ReadQueries } from '../reads/reads.js'
import { askPrimary, primaryPosition } from './position.js'
import { PrimarySamples } from './primary-samples.js'
import { Replica, ReplicaBusy, type ReplicaState } from './replica.js'

/** For logs and metrics. Errors thrown here are ignored. */
export interface ReplicaObserver {
  /** A list that replicas may serve was read there, or on the primary. */
  onRead?(from: 'replica' | 'primary'): void
  /** A replica was checked, or is left out. */
  onState?(state: ReplicaState): void
}

/** How a store uses its replicas. */
export interface ReplicaReadsOptions {
  /**
   * How old the data of a list may be, in milliseconds: an integer from 100 to 60,000. An older replica takes no reads.
   * @default 1000
   */
  readonly maxLagMs?: number | undefined
  /**
   * Whether `productsWithIds`, which live streams read, goes to replicas, too.
   * @default false
   */
  readonly live?: boolean | undefined
  /** For logs and metrics. */
  readonly observer?: ReplicaObserver | undefined
}

export const defaultMaxLagMs = 1_000

/** After this time without a read, in milliseconds, the store stops asking for positions. */
const idleMs = 10_000

/** A caller must not wait longer for a replica that does not answer, whatever the lag may be. */
const longestAnswerMs = 2_000

/** A healthy replica is then well below the largest lag. */
const intervalOf = (maxLagMs: number): number => Math.min(250, maxLagMs / 4)

export interface ReplicaQueriesDeps {
  readonly maxLagMs: number
  readonly primary: Database
  /** Queries on the primary. */
  readonly queries: ReadQueries
  readonly replicas: readonly (Knex | PgPool)[]
  readonly prepared: boolean | undefined
  readonly poolSizeOf: (knex: Knex) => number
  readonly observer?: ReplicaObserver | undefined
}

/**
 * Sends queries of public lists to replicas in turn. While a replica is not known to be fit, others take its reads; with
 * none left, the primary does. While lists are read, and for ten seconds after, it asks the primary and the replicas for
 * their positions. Otherwise it does nothing.
 */
export class ReplicaQueries implements ReadQueries {
  readonly #deps: ReplicaQueriesDeps
  readonly #samples: PrimarySamples
  readonly #replicas: readonly Replica[]
  #turn = 0
  #isAsking = false
  #lastReadAt = 0

  constructor(deps: ReplicaQueriesDeps) {
    this.#deps = deps
    const { maxLagMs, replicas, primary, prepared, poolSizeOf } = deps
    this.#samples = new PrimarySamples({ keepMs: maxLagMs })
    this.#replicas = replicas.map((source, replica) => {
      const database = openDatabase(source, { schema: primary.schema, clock: primary.clock, prepared })
      return new Replica({
        replica,
        database,
        // One stays free for checks.
        connections: Math.max(1, poolSizeOf(database.knex) - 1),
        samples: this.#samples,
        maxLagMs,
        answerMs: Math.min(maxLagMs, longestAnswerMs),
        onState: (state) => this.#notify(() => deps.observer?.onState?.(state)),
      })
    })
  }

  readonly query: ReadQueries['query'] = (statement, values) => this.#read('query', statement, values)
  readonly scan: ReadQueries['scan'] = (statement, values) => this.#read('scan', statement, values)

  async #read(kind: keyof ReadQueries, statement: Statement, values: readonly unknown[] = []) {
    this.#lastReadAt = performance.now()
    if (!this.#isAsking) void this.#askWhileInUse()
    const replica = this.#next()
    if (replica) {
      try {
        const rows = await replica.read(statement, this.#dated(values))
        this.#notify(() => this.#deps.observer?.onRead?.('replica'))
        return rows
      } catch (error) {
        if (error instanceof ReplicaBusy) throw error.reason
        if (!isStoreError(error)) throw error
      }
    }
    this.#notify(() => this.#deps.observer?.onRead?.('primary'))
    return this.#deps.queries[kind](statement, values)
  }

  /** The first parameter of every list is the time: null means that of the server, and a replica's clock may be wrong. */
  #dated([time, ...more]: readonly unknown[]): readonly unknown[] {
    return [time ?? this.#samples.timeAt(performance.now()), ...more]
  }

  #next(): Replica | undefined {
    if (this.#samples.ageAt(performance.now()) > this.#deps.maxLagMs) return undefined
    const used = this.#replicas.filter(({ isUsed }) => isUsed)
    this.#turn += 1
    return used[this.#turn % used.length]
  }

  async #askWhileInUse(): Promise<void> {
    this.#isAsking = true
    try {
      do {
        await this.#askPrimary()
        for (const replica of this.#replicas) void replica.check()
        await pause(intervalOf(this.#deps.maxLagMs))
      } while (performance.now() - this.#lastReadAt < idleMs && !this.#isClosed)
    } finally {
      this.#isAsking = false
    }
  }

  /** Whether the host has destroyed its Knex. */
  get #isClosed(): boolean {
    return (this.#deps.primary.knex.client as PoolClient).pool == null
  }

  async #askPrimary(): Promise<void> {
    const askedAt = performance.now()
    try {
      const position = primaryPosition(await this.#deps.primary.query(askPrimary))
      this.#samples.add({ ...position, askedAt, answeredAt: performance.now() })
    } catch {
      // Without samples, replicas take no reads: those of the primary report this error to their callers.
    }
  }

  #notify(tell: () => void): void {
    try {
      tell()
    } catch {}
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
