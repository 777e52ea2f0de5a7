import { type Reads, singleFlight } from '@shop/core/store'

type Counts = Awaited<ReturnType<Reads['eventCounts']>>

const freshMs = 5_000
const timeoutMs = 1_000

/**
 * Outbox counts for metrics. Reads the database at most every five seconds, and waits for it at most one
 * second. While the database is unavailable, returns the last known counts.
 */
export class OutboxGauge {
  readonly #read: () => Promise<Counts>
  #known: Counts | undefined
  #readAt = Number.NEGATIVE_INFINITY
  readonly #refresh: () => Promise<void>

  constructor(read: () => Promise<Counts>) {
    this.#read = read
    this.#refresh = singleFlight(() => this.#readCounts())
  }

  async counts(): Promise<Counts | undefined> {
    if (performance.now() - this.#readAt >= freshMs) await Promise.race([this.#refresh(), pause(timeoutMs)])
    return this.#known
  }

  async #readCounts(): Promise<void> {
    try {
      this.#known = await this.#read()
    } catch {
      // Readiness reports an unavailable database. The scrape shows older numbers.
    } finally {
      this.#readAt = performance.now()
    }
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
