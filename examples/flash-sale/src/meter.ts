export type BuyerOutcome = 'won' | 'refused' | 'failed'

/** The state of the sale at this time, in milliseconds. */
export interface Sample {
  readonly atMs: number
  readonly answered: number
  readonly won: number
}

export interface Measured {
  readonly elapsedMs: number
  readonly answered: number
  readonly won: number
  readonly refused: number
  readonly failed: number
  readonly answersPerSecond: number
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
  readonly samples: readonly Sample[]
}

const mostSamples = 400

/** The percentile of the latencies, by nearest rank. */
const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0

/** Counts the outcome and the latency of each buyer. */
export class Meter {
  readonly #now: () => number
  readonly #every: number
  readonly #began: number
  readonly #latencies: number[] = []
  readonly #counts: Record<BuyerOutcome, number> = { won: 0, refused: 0, failed: 0 }
  readonly #samples: Sample[] = [{ atMs: 0, answered: 0, won: 0 }]

  constructor(buyers: number, now: () => number = () => performance.now()) {
    this.#now = now
    this.#every = Math.ceil(buyers / mostSamples)
    this.#began = now()
  }

  get answered(): number {
    return this.#latencies.length
  }

  get won(): number {
    return this.#counts.won
  }

  get refused(): number {
    return this.#counts.refused
  }

  get answersPerSecond(): number {
    const elapsedMs = this.#now() - this.#began
    return elapsedMs > 0 ? Math.round((this.answered * 1_000) / elapsedMs) : 0
  }

  async time(work: () => Promise<BuyerOutcome>): Promise<BuyerOutcome> {
    const began = this.#now()
    const ending = await work()
    const ended = this.#now()
    this.#latencies.push(ended - began)
    this.#counts[ending] += 1
    if (this.answered % this.#every === 0) {
      this.#samples.push({ atMs: ended - this.#began, answered: this.answered, won: this.won })
    }
    return ending
  }

  finish(): Measured {
    const elapsedMs = this.#now() - this.#began
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    const at = (part: number) => Math.round(percentile(sorted, part) * 10) / 10
    return {
      elapsedMs,
      answered: this.answered,
      ...this.#counts,
      answersPerSecond: this.answersPerSecond,
      latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
      samples: [...this.#samples, { atMs: elapsedMs, answered: this.answered, won: this.won }],
    }
  }
}
