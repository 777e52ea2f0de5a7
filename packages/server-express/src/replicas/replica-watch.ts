import type { ReplicaObserver, ReplicaState } from '@shop/adapter-knex'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { HealthCheck } from '../http/http-deps.js'

export interface ReplicaWatchOptions {
  /** A name of each replica for the log: its host, or its place in the list. */
  readonly names: readonly string[]
  readonly logger: Logger
  readonly registry: Registry
}

/** Counts the reads of replicas, shows their state, and logs once when one is left out and once when it is back. */
export class ReplicaWatch implements ReplicaObserver {
  readonly #names: readonly string[]
  readonly #logger: Logger
  readonly #reads: Counter
  readonly #states = new Map<number, ReplicaState>()
  #isClosed = false

  constructor({ names, logger, registry }: ReplicaWatchOptions) {
    this.#names = names
    this.#logger = logger
    const registers = [registry]
    this.#reads = new Counter({
      name: 'shop_replica_reads_total',
      help: 'Reads of public lists, by the database that answered',
      labelNames: ['result'],
      registers,
    })
    const states = this.#states
    new Gauge({
      name: 'shop_replica_used',
      help: '1 if this replica takes reads, 0 while it is left out; nothing before its first check',
      labelNames: ['replica'],
      registers,
      collect() {
        for (const { replica, isUsed } of states.values()) this.set({ replica: String(replica) }, isUsed ? 1 : 0)
      },
    })
    new Gauge({
      name: 'shop_replica_lag_seconds',
      help: 'How old the data of this replica was at most when it was last checked',
      labelNames: ['replica'],
      registers,
      collect() {
        this.reset()
        for (const { replica, lagMs } of states.values())
          if (lagMs !== undefined) this.set({ replica: String(replica) }, lagMs / 1_000)
      },
    })
  }

  onRead(from: 'replica' | 'primary'): void {
    this.#reads.inc({ result: from })
  }

  onState(state: ReplicaState): void {
    if (this.#isClosed) return
    const before = this.#states.get(state.replica)
    this.#states.set(state.replica, state)
    const replica = this.#names[state.replica]
    const { reason } = state
    if (!state.isUsed && before?.isUsed !== false)
      this.#logger.warn({ replica, reason }, 'a replica is left out: it takes no reads until it is fit again')
    if (state.isUsed && before?.isUsed === false) this.#logger.info({ replica }, 'a replica takes reads again')
  }

  /** Replicas are never needed: without them the primary answers. */
  async check(): Promise<HealthCheck> {
    const out = [...this.#states.values()].filter(({ isUsed }) => !isUsed).length
    if (out === 0) return { status: 'up' }
    return { status: 'degraded', detail: `${out} of ${this.#names.length} left out` }
  }

  /** What happens while connections close is not reported. */
  close(): void {
    this.#isClosed = true
  }
}
