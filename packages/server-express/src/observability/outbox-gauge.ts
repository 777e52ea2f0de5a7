import type { Reads } from '@shop/core'

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
  #reading: Promise<void> | undefined

  constructor(read: () => Promise<Counts>) {
    this.#read = read
  }

  async counts(): Promise<Counts | undefined> {
    if (performance.now() - this.#readAt >= freshMs) this.#reading ??= this.#refresh()
    if (this.#reading) await Promise.race([this.#reading, pause(timeoutMs)])
    return this.#known
  }

  async #refresh(): Promise<void> {
    try {
      this.#known = await this.#read()
    } catch {
      // Readiness reports an unavailable database. The scrape shows older numbers.
    } finally {
      this.#readAt = performance.now()
      this.#reading = undefined
    }
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
