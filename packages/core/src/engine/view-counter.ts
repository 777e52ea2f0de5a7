import type { Upkeep } from '../store/store.js'

/** Views of more products than this between two flushes are dropped: counts are lossy by design. */
const maxProducts = 100_000

/** Products in one short transaction, which writes all of them or none. */
const batch = 500

/** Counts views in memory and writes them in batches. A view never delays a read and never makes it fail. */
export class ViewCounter {
  readonly #upkeep: Pick<Upkeep, 'addViews'>
  readonly #views = new Map<string, number>()

  constructor(upkeep: Pick<Upkeep, 'addViews'>) {
    this.#upkeep = upkeep
  }

  count(productId: string): void {
    const views = this.#views.get(productId)
    if (views === undefined && this.#views.size >= maxProducts) return
    this.#views.set(productId, (views ?? 0) + 1)
  }

  /** Writes the views counted since the last flush, in batches. A batch that fails is kept for the next flush. */
  async flush(): Promise<void> {
    const products = [...this.#views.keys()].sort()
    for (let start = 0; start < products.length; start += batch) {
      const views = this.#take(products.slice(start, start + batch))
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

  #take(products: readonly string[]): Map<string, number> {
    const taken = new Map<string, number>()
    for (const productId of products) {
      taken.set(productId, this.#views.get(productId) ?? 0)
      this.#views.delete(productId)
    }
    return taken
  }
}
