import type { Reads } from '@shop/core/store'

type Counts = Awaited<ReturnType<Reads['eventCounts']>>

const freshMs = 5_000
const timeoutMs = 1_000

/**
 * The state of the outbox for metrics: asked for at most every five seconds, however often somebody scrapes, and never
 * waited for longer than a second. When the database is away, what was known last is answered.
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
      // Somebody else reports that the database is away; a scrape only shows older numbers.
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
