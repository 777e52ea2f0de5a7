import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { ProductsAt } from '@shop/core'
import type { Logger } from 'pino'
import type { ServerReadiness } from '../health/readiness.js'
import type { RouteDeps } from '../http/http-deps.js'
import type { Listener } from '../http/listener.js'
import type { Route } from '../http/route.js'
import type { LogLevel } from '../observability/logger.js'
import { settlesWithin } from '../util/settles-within.js'
import { Places } from './places.js'
import { RouteCalls } from './route-calls.js'
import { sharedCounts } from './shared-counts.js'
import type { EngineWork } from './worker-link.js'
import type { WorkerMetrics } from './worker-metrics.js'
import type { WorkerHttpOptions } from './worker-options.js'
import { WorkerProcess } from './worker-process.js'

/** A worker that lived for a shorter time counts as one that cannot run. */
const shortLifeMs = 10_000
const minBackoffMs = 200
const maxBackoffMs = 5_000
/** How long a worker may take to end, after its connections have. */
const endMs = 1_000

export interface WorkerPoolOptions {
  /** At least 2. */
  readonly count: number
  readonly http: WorkerHttpOptions
  readonly table: { readonly routes: readonly Route[]; readonly deps: RouteDeps }
  /** Reads the listed ones of 1 to 1,000 products, as of one moment. */
  states(productIds: readonly string[]): Promise<ProductsAt>
  readonly logger: Logger
  readonly metrics: WorkerMetrics
  readonly readiness: Pick<ServerReadiness, 'shedding'>
  readonly liveConnections: number
}

/** Processes that answer HTTP for this one, which runs the shop. One that ends is replaced. */
export class WorkerPool implements Listener {
  readonly #options: WorkerPoolOptions
  readonly #work: EngineWork
  readonly #workers = new Set<WorkerProcess>()
  /** The port to listen on: once all have ended, another process could get a port that the system has chosen. */
  #listen = { port: 0, host: '' }
  #address: AddressInfo | undefined
  #closing = new AbortController()

  constructor(options: WorkerPoolOptions) {
    const { table, states, liveConnections, readiness, metrics } = options
    const count = sharedCounts(table.deps.counts)
    const calls = new RouteCalls(table.routes, table.deps, count)
    this.#options = options
    this.#work = {
      run: (question) => calls.run(question),
      count,
      states,
      places: new Places(liveConnections),
    }
    readiness.shedding.addEventListener('abort', () => this.#tellShedding(), { once: true })
    metrics.watch(() => [...this.#workers])
  }

  /** Live streams of products that are open. */
  get liveStreams(): number {
    return this.#work.places.taken
  }

  async listen(port: number, host: string): Promise<AddressInfo> {
    this.#listen = { port, host }
    const numbers = Array.from({ length: this.#options.count }, (_, index) => index + 1)
    const started = numbers.map((number) => this.#start(number))
    try {
      const [address] = await Promise.all(started.map(({ listening }) => listening))
      for (const { worker } of started) void this.#keep(worker)
      this.#address = address
      return address as AddressInfo
    } catch (error) {
      for (const { worker } of started) worker.kill()
      await Promise.all(started.map(({ worker }) => worker.ended))
      throw error
    }
  }

  async close(graceMs: number): Promise<number> {
    this.#closing.abort()
    const closing = [...this.#workers].map(async (worker) => {
      const closed = worker.close(graceMs)
      if (!(await settlesWithin(graceMs + endMs, closed))) worker.kill()
      return closed
    })
    const cut = await Promise.all(closing)
    return cut.reduce((sum, each) => sum + each, 0)
  }

  #start(number: number): { readonly worker: WorkerProcess; readonly listening: Promise<AddressInfo> } {
    const { logger, http, readiness, metrics } = this.#options
    const worker = new WorkerProcess(number, this.#work)
    this.#workers.add(worker)
    void worker.ended.then(() => {
      this.#workers.delete(worker)
      metrics.onEnd(worker)
      if (this.#workers.size === 0 && this.#address) this.#listen.port = this.#address.port
    })
    const settings = { logLevel: logger.level as LogLevel, http, ...this.#listen }
    const listening = worker.start(settings).then((address) => {
      // One that is starting did not hear it.
      if (readiness.shedding.aborted) worker.tell({ kind: 'shed' })
      return address
    })
    return { worker, listening }
  }

  /** Replaces a worker when it ends, and the one after it, until the server closes. */
  async #keep(first: WorkerProcess): Promise<void> {
    const { logger } = this.#options
    const { signal } = this.#closing
    let failures = 0
    for (let worker = first; ; ) {
      const began = performance.now()
      const end = await worker.ended
      if (signal.aborted) return
      const { number, underWay } = worker
      failures = performance.now() - began < shortLifeMs ? failures + 1 : 0
      const waitMs = failures === 0 ? 0 : Math.min(maxBackoffMs, minBackoffMs * 2 ** (failures - 1))
      logger.error({ worker: number, ...end, underWay, waitMs }, 'a worker has ended: it is replaced')
      await setTimeout(waitMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const { worker: next, listening } = this.#start(number)
      listening.then(
        () => logger.info({ worker: number, pid: next.pid }, 'the worker was replaced'),
        (err: unknown) => logger.error({ worker: number, err }, 'a worker could not start'),
      )
      worker = next
    }
  }

  #tellShedding(): void {
    for (const worker of this.#workers) worker.tell({ kind: 'shed' })
  }
}
