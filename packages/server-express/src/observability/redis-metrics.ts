import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const callSeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25]

/** Metrics about the use of Redis. */
export class RedisMetrics {
  readonly #registry: Registry
  readonly #calls: Histogram
  readonly #verdicts: Counter
  readonly #pages: Counter
  readonly #counts: Counter
  readonly #locks: Counter

  constructor(registry: Registry) {
    this.#registry = registry
    const registers = [registry]
    const counter = (name: string, help: string, label: string) =>
      new Counter({ name, help, labelNames: [label], registers })
    this.#calls = new Histogram({
      name: 'shop_redis_call_seconds',
      help: 'Time of one Redis call; calls skipped while Redis is unavailable are not observed',
      buckets: callSeconds,
      labelNames: ['outcome'],
      registers,
    })
    this.#verdicts = counter('shop_coupon_gate_total', 'Callers of the coupon gate, by verdict', 'verdict')
    this.#pages = counter('shop_product_pages_total', 'List pages, by where they were found', 'finding')
    this.#counts = counter(
      'shop_rate_limit_counts_total',
      'Writes counted for rate limits, by place of the count',
      'where',
    )
    this.#locks = counter('shop_user_locks_total', 'Commands, by result of acquiring the user lock', 'result')
  }

  /** Adds a gauge that shows which nodes serve. Call it once. */
  watch(nodesUp: () => Promise<readonly boolean[]>): void {
    new Gauge({
      name: 'shop_redis_up',
      help: '1 if this Redis, or every master of the cluster, serves; 0 while it is unavailable or cannot write',
      labelNames: ['node'],
      registers: [this.#registry],
      async collect() {
        const up = await nodesUp()
        up.forEach((isUp, node) => {
          this.set({ node: String(node) }, isUp ? 1 : 0)
        })
      },
    })
  }

  onCall(outcome: string, ms: number): void {
    this.#calls.observe({ outcome }, ms / 1_000)
  }

  onVerdict(verdict: string): void {
    this.#verdicts.inc({ verdict })
  }

  onPage(finding: string): void {
    this.#pages.inc({ finding })
  }

  onCount(where: 'redis' | 'process'): void {
    this.#counts.inc({ where })
  }

  onUserLock(result: string): void {
    this.#locks.inc({ result })
  }
}
