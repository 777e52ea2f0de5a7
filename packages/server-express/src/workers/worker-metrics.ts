import { AggregatorRegistry, Counter, Gauge, type Registry } from 'prom-client'
import type { MetricsJson } from './messages.js'
import type { WorkerProcess } from './worker-process.js'

const sumOf = (all: readonly MetricsJson[]): Registry => AggregatorRegistry.aggregate([...all])

type WorkersNow = () => readonly WorkerProcess[]

/** The metrics of a server with workers: what they count is added up, also that of workers that have ended. */
export class WorkerMetrics {
  readonly #registry: Registry
  readonly #replaced: Counter
  /** What workers that have ended counted. */
  readonly #past: MetricsJson[] = []
  #workers: WorkersNow = () => []

  constructor(registry: Registry) {
    this.#registry = registry
    this.#replaced = new Counter({
      name: 'shop_worker_ends_total',
      help: 'Workers that ended while the server ran',
      registers: [registry],
    })
  }

  /** Call it once. */
  watch(workers: WorkersNow): void {
    this.#workers = workers
    const perWorker = (name: string, help: string, read: (worker: WorkerProcess) => number | undefined) =>
      new Gauge({
        name,
        help,
        labelNames: ['worker'],
        registers: [this.#registry],
        collect() {
          this.reset()
          for (const worker of workers()) {
            const value = read(worker)
            if (value !== undefined) this.set({ worker: worker.number }, value)
          }
        },
      })
    perWorker('shop_worker_up', '1 for each worker process that runs', () => 1)
    perWorker(
      'shop_worker_processor_seconds',
      'Processor time of a worker since it started',
      ({ use }) => use?.processorSeconds,
    )
    perWorker('shop_worker_resident_bytes', 'Memory of a worker', ({ use }) => use?.residentBytes)
    perWorker('shop_worker_connections', 'Connections of a worker', ({ use }) => use?.connections)
    perWorker('shop_worker_requests_waiting', 'Requests of a worker that wait for the engine', (each) => each.underWay)
  }

  /** Call it when the worker leaves the list: what it has counted counts on. */
  onEnd({ metrics }: WorkerProcess): void {
    this.#replaced.inc()
    this.#past.push(metrics)
  }

  /** All metrics of a registry, with what the workers count added. */
  async render(registry: Registry): Promise<string> {
    const workers = this.#workers()
    await Promise.all(workers.map((worker) => worker.refresh()))
    const own = await registry.getMetricsAsJSON()
    if (this.#past.length > 1) await this.#addUpPast()
    return sumOf([own, ...this.#workers().map(({ metrics }) => metrics), ...this.#past]).metrics()
  }

  async #addUpPast(): Promise<void> {
    const { length } = this.#past
    const sum = await sumOf(this.#past).getMetricsAsJSON()
    this.#past.splice(0, length, sum)
  }
}
