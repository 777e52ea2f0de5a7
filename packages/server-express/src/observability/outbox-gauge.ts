import { type Reads, singleFlight } from '@shop/core'

type Counts = Awaited<ReturnType<Reads['eventCounts']>>

const freshMs = 5_000
const timeoutMs = 1_000

/**
 * The state of the outbox for metrics. Scrapes read it at most every five seconds and wait for it at most one second. While
 * the database is away, they get the last known state.
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
      // Other parts report that the database is away; a scrape shows older numbers.
    } finally {
      this.#readAt = performance.now()
    }
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
