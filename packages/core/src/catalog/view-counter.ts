import type { Upkeep } from '../store/store.js'

/** Beyond so many different products between two flushes, views are not counted: they are lossy by design. */
const maxProducts = 100_000

/** Counts views in memory and writes them in batches: a read is never delayed by a view, and never fails for one. (seed 003, B148) */
export class ViewCounter {
  readonly #upkeep: Pick<Upkeep, 'addViews'>
  #views = new Map<string, number>()

  constructor(upkeep: Pick<Upkeep, 'addViews'>) {
    this.#upkeep = upkeep
  }

  count(productId: string): void {
    const views = this.#views.get(productId)
    if (views === undefined && this.#views.size >= maxProducts) return
    this.#views.set(productId, (views ?? 0) + 1)
  }

  /** Writes what was counted since the last time; what cannot be written is counted again for the next. */
  async flush(): Promise<void> {
    if (this.#views.size === 0) return
    const views = this.#views
    this.#views = new Map()
    try {
      await this.#upkeep.addViews(views)
    } catch (error) {
      for (const [productId, count] of views) {
        if (this.#views.size < maxProducts) this.#views.set(productId, (this.#views.get(productId) ?? 0) + count)
      }
      throw error
    }
  }
}
