import type { Seen } from '../command/verb.js'
import type { OrderOutline } from '../order/order.js'
import type { Transactor } from '../store/store.js'

interface Waiting {
  readonly orderIds: readonly string[]
  readonly resolve: (seen: Seen) => void
  readonly reject: (error: unknown) => void
}

export const nothingSeen: Seen = { order: () => undefined }

export const seenIn = (outlines: readonly OrderOutline[]): Seen => {
  const byId = new Map(outlines.map((outline) => [outline.orderId, outline]))
  return { order: (orderId) => byId.get(orderId) }
}

/** The first look, for many commands at once: while one read is under way, those that arrive wait for the next. */
export class Outliner {
  readonly #store: Pick<Transactor, 'outlines'>
  #waiting: Waiting[] = []
  #reading = false

  constructor(store: Pick<Transactor, 'outlines'>) {
    this.#store = store
  }

  look(orderIds: readonly string[]): Promise<Seen> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ orderIds, resolve, reject })
      if (!this.#reading) void this.#readAll()
    })
  }

  async #readAll(): Promise<void> {
    this.#reading = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        const seen = seenIn(await this.#store.outlines([...new Set(batch.flatMap(({ orderIds }) => orderIds))]))
        for (const { resolve } of batch) resolve(seen)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#reading = false
  }
}
