import { type ClientRateLimitInfo, MemoryStore } from 'express-rate-limit'

/** Request counts in the memory of this process. Memory is bounded: the callers seen least recently are forgotten. */
export class BoundedCounts extends MemoryStore {
  readonly #maxCallers: number

  /** Remembers at most twice `maxCallers`. */
  constructor(maxCallers = 50_000) {
    super()
    this.#maxCallers = maxCallers
  }

  override increment(key: string): Promise<ClientRateLimitInfo> {
    if (this.current.size >= this.#maxCallers && !this.current.has(key)) {
      this.previous = this.current
      this.current = new Map()
    }
    const counting = super.increment(key)
    const client = this.current.get(key)
    // The store goes on counting in its own object: callers at the same moment would all read the last count.
    return client ? Promise.resolve({ ...client }) : counting
  }
}
