import type { ExecutorObserver, Instant, OutboxEvent, Sent } from '@shop/core'
import type { Reads } from '@shop/core/store'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AnsweredRequest, HttpMetrics } from '../http/http-deps.js'
import type { JobObserver } from '../scheduler/job.js'
import { OutboxGauge } from './outbox-gauge.js'
import { RequestMetrics, requestSeconds } from './request-metrics.js'

export interface PoolState {
  readonly used: number
  readonly free: number
  readonly pending: number
}

/** Values that are read on each scrape. None of these functions may throw. */
export interface MetricsSources {
  /** Undefined on a server of many shops: it would ask each of them. */
  readonly eventCounts?: Reads['eventCounts'] | undefined
  /** Shops that are open, on a server of many. */
  readonly openShops?: (() => number) | undefined
  /** Whether the list of shops cannot be read, on a server of many. */
  readonly isOutdated?: (() => Promise<boolean>) | undefined
  readonly waiting: () => number
  /** Live streams of products that are open. */
  readonly liveStreams: () => number
  readonly isLeader: () => boolean
  /** Undefined if the store has no connection pool of this server. */
  readonly pool: () => PoolState | undefined
  readonly now: () => Instant
}

const groupSizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256]

let processRegistry: Registry | undefined

/**
 * Memory, garbage collection and event loop belong to the process, so they are collected once, even with
 * several servers.
 */
const processMetrics = (): Registry => {
  if (!processRegistry) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
  }
  return processRegistry
}

/** The metrics of this server, in the Prometheus text format. */
export class Metrics implements HttpMetrics, ExecutorObserver, JobObserver {
  /** Registry for metrics of parts that are loaded later. */
  readonly registry = new Registry()
  readonly #requests = new RequestMetrics(this.registry)
  readonly #groupSizes = this.#histogram('shop_group_size', 'Commands in one transaction', groupSizeBuckets)
  readonly #groupSeconds = this.#histogram(
    'shop_group_seconds',
    'Time of one group, from load to commit',
    requestSeconds,
  )
  readonly #retries = this.#counter('shop_group_retries_total', 'Groups that were retried or split', ['kind', 'split'])
  readonly #jobSeconds = this.#histogram('shop_job_seconds', 'Time of one run of a job', requestSeconds, ['job'])
  readonly #jobErrors = this.#counter('shop_job_errors_total', 'Runs of a job that failed', ['job'])
  readonly #attempts = this.#counter('shop_relay_attempts_total', 'Attempts to deliver an event', ['type', 'result'])

  readonly #lost: Counter

  #render = (registry: Registry): Promise<string> => registry.metrics()

  /** `perShop`: losses are counted for each shop. Only shops that have lost something make a series. */
  constructor({ perShop = false }: { readonly perShop?: boolean } = {}) {
    const labels = perShop ? ['shop'] : []
    this.#lost = this.#counter('shop_acknowledged_lost_total', 'Acknowledged commands that the database lost', labels)
  }

  /** Adds gauges that read their values from `sources` on each scrape. Call it once. */
  watch(sources: MetricsSources): void {
    this.#gauge('shop_commands_waiting', 'Commands queued or running', (gauge) => gauge.set(sources.waiting()))
    this.#gauge('shop_live_streams', 'Live streams of products that are open', (gauge) =>
      gauge.set(sources.liveStreams()),
    )
    this.#gauge(
      'shop_scheduler_leader',
      '1 if this server is the leader, which runs the jobs that must run on one server',
      (gauge) => gauge.set(sources.isLeader() ? 1 : 0),
    )
    this.#gauge(
      'shop_pool_connections',
      'Connections of the pool; pending counts callers that wait for a connection',
      (gauge) => {
        for (const [state, count] of Object.entries(sources.pool() ?? {})) gauge.set({ state }, count)
      },
      ['state'],
    )
    const { openShops, isOutdated, eventCounts } = sources
    if (openShops) this.#gauge('shop_open_shops', 'Shops that are open', (gauge) => gauge.set(openShops()))
    if (isOutdated)
      this.#gauge(
        'shop_list_outdated',
        '1 while the list of shops cannot be read, and the last known one is used',
        async (gauge) => gauge.set((await isOutdated()) ? 1 : 0),
      )
    if (eventCounts) this.#watchOutbox(new OutboxGauge(eventCounts), sources.now)
  }

  #watchOutbox(outbox: OutboxGauge, now: () => Instant): void {
    this.#gauge(
      'shop_outbox_events',
      'Events in the outbox',
      async (gauge) => {
        const counts = await outbox.counts()
        if (!counts) return
        for (const status of ['pending', 'sent', 'dead'] as const) gauge.set({ status }, counts[status])
      },
      ['status'],
    )
    this.#gauge('shop_outbox_oldest_pending_seconds', 'Age of the oldest pending event', async (gauge) => {
      const counts = await outbox.counts()
      if (counts) gauge.set(counts.oldestPendingAt === null ? 0 : (now() - counts.oldestPendingAt) / 1_000)
    })
  }

  onAnswered(request: AnsweredRequest): void {
    this.#requests.onAnswered(request)
  }

  onGroup({ size, ms }: { readonly size: number; readonly ms: number }): void {
    this.#groupSizes.observe(size)
    this.#groupSeconds.observe(ms / 1_000)
  }

  onRetry({ kind, split }: { readonly kind: string; readonly split: boolean }): void {
    this.#retries.inc({ kind, split: String(split) })
  }

  onRun({ job, ms, error }: { readonly job: string; readonly ms: number; readonly error?: unknown }): void {
    this.#jobSeconds.observe({ job }, ms / 1_000)
    if (error !== undefined) this.#jobErrors.inc({ job })
  }

  /** `shop`: its id, if losses are counted for each shop. */
  onLost({ commands }: { readonly commands: number }, shop?: string): void {
    this.#lost.inc(shop === undefined ? {} : { shop }, commands)
  }

  onAttempt({ type }: Pick<OutboxEvent, 'type'>, { kind }: Pick<Sent, 'kind'>): void {
    this.#attempts.inc({ type, result: kind })
  }

  /** Renders the registry instead of it alone: with what other processes of this server have counted. */
  renderedBy(render: (registry: Registry) => Promise<string>): void {
    this.#render = render
  }

  async render(): Promise<{ contentType: string; text: string }> {
    const texts = await Promise.all([this.#render(this.registry), processMetrics().metrics()])
    return { contentType: this.registry.contentType, text: texts.join('\n') }
  }

  #histogram(name: string, help: string, buckets: number[], labelNames: string[] = []): Histogram {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] })
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] })
  }

  #gauge(name: string, help: string, update: (gauge: Gauge) => void | Promise<void>, labelNames: string[] = []): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        await update(this)
      },
    })
  }
}
