import { type ClientRateLimitInfo, MemoryStore } from 'express-rate-limit'

/** Counts of callers in this process. However many there are, their memory is bounded: who was not seen lately is forgotten. */
export class BoundedCounts extends MemoryStore {
  readonly #maxCallers: number

  /** At most twice as many callers are remembered. */
  constructor(maxCallers = 50_000) {
    super()
    this.#maxCallers = maxCallers
  }

  override increment(key: string): Promise<ClientRateLimitInfo> {
    if (this.current.size >= this.#maxCallers && !this.current.has(key)) {
      this.previous = this.current
      this.current = new Map()
    }
    return super.increment(key)
  }
}
