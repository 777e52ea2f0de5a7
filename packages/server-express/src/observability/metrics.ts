import type { ExecutorObserver, Instant, OutboxEvent, Sent } from '@shop/core'
import type { Reads } from '@shop/core/store'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AnsweredRequest, HttpMetrics } from '../http/http-deps.js'
import type { JobObserver } from '../scheduler/job.js'
import { OutboxGauge } from './outbox-gauge.js'

export interface PoolState {
  readonly used: number
  readonly free: number
  readonly pending: number
}

/** What metrics ask for when somebody scrapes. None of it may throw. */
export interface MetricsSources {
  readonly eventCounts: Reads['eventCounts']
  readonly waiting: () => number
  readonly isLeader: () => boolean
  /** Nothing, where the store has no pool of ours. */
  readonly pool: () => PoolState | undefined
  readonly now: () => Instant
}

const requestSeconds = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const groupSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256]

let processRegistry: Registry | undefined

/** Memory, garbage collection and event loop belong to the process: counted once, however many servers it holds. */
const processMetrics = (): Registry => {
  if (!processRegistry) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
  }
  return processRegistry
}

/** Everything this server counts, in the Prometheus text format. */
export class Metrics implements HttpMetrics, ExecutorObserver, JobObserver {
  /** Where parts of this server that are loaded later register what they count. */
  readonly registry = new Registry()
  readonly #requests = this.#histogram('shop_http_request_seconds', 'Time to answer a request', requestSeconds, [
    'method',
    'route',
    'status',
  ])
  readonly #outcomes = this.#counter('shop_http_outcomes_total', 'Answers by problem code; ok where there was none', [
    'method',
    'route',
    'code',
  ])
  readonly #maxGroupSize = this.#histogram('shop_group_size', 'Commands in one transaction', groupSizes)
  readonly #groupSeconds = this.#histogram(
    'shop_group_seconds',
    'Time of one group, from load to commit',
    requestSeconds,
  )
  readonly #retries = this.#counter('shop_group_retries_total', 'Groups tried again or split', ['kind', 'split'])
  readonly #jobSeconds = this.#histogram('shop_job_seconds', 'Time of one run of a job', requestSeconds, ['job'])
  readonly #jobErrors = this.#counter('shop_job_errors_total', 'Runs of a job that failed', ['job'])
  readonly #attempts = this.#counter('shop_relay_attempts_total', 'Attempts to deliver an event', ['type', 'result'])

  /** From here on, a scrape also shows the state of what is asked for here. Once only. */
  watch(sources: MetricsSources): void {
    const outbox = new OutboxGauge(sources.eventCounts)
    this.#gauge('shop_commands_waiting', 'Commands waiting or under way', (gauge) => gauge.set(sources.waiting()))
    this.#gauge('shop_scheduler_leader', '1 where this server runs the jobs that one server runs for all', (gauge) =>
      gauge.set(sources.isLeader() ? 1 : 0),
    )
    this.#gauge(
      'shop_pool_connections',
      'Connections of the pool; pending are callers that wait for one',
      (gauge) => {
        for (const [state, count] of Object.entries(sources.pool() ?? {})) gauge.set({ state }, count)
      },
      ['state'],
    )
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
    this.#gauge(
      'shop_outbox_oldest_pending_seconds',
      'Age of the oldest event that is still to be sent',
      async (gauge) => {
        const counts = await outbox.counts()
        if (counts) gauge.set(counts.oldestPendingAt === null ? 0 : (sources.now() - counts.oldestPendingAt) / 1_000)
      },
    )
  }

  onAnswered({ method, route, status, code = 'ok', seconds }: AnsweredRequest): void {
    this.#requests.observe({ method, route, status }, seconds)
    this.#outcomes.inc({ method, route, code })
  }

  onGroup({ size, ms }: { readonly size: number; readonly ms: number }): void {
    this.#maxGroupSize.observe(size)
    this.#groupSeconds.observe(ms / 1_000)
  }

  onRetry({ kind, split }: { readonly kind: string; readonly split: boolean }): void {
    this.#retries.inc({ kind, split: String(split) })
  }

  onRun({ job, ms, error }: { readonly job: string; readonly ms: number; readonly error?: unknown }): void {
    this.#jobSeconds.observe({ job }, ms / 1_000)
    if (error !== undefined) this.#jobErrors.inc({ job })
  }

  onAttempt({ type }: Pick<OutboxEvent, 'type'>, { kind }: Pick<Sent, 'kind'>): void {
    this.#attempts.inc({ type, result: kind })
  }

  async render(): Promise<{ contentType: string; text: string }> {
    const texts = await Promise.all([this.registry, processMetrics()].map((registry) => registry.metrics()))
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
