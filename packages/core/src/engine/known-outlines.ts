import { type Order, type OrderOutline, outlineOf } from '../model/order.js'
import { noOutlines, type Outlines, type Prefetch } from './command.js'

/** Ids in each of two generations: 2,000 orders of three lines. Both take some 2 MB for each shop, 3 MB with the longest ids. */
const maxIds = 14_000

/**
 * Outlines of orders that were placed lately: they never change, so a command on such an order needs no prefetch. If the
 * store has lost the order since, its row is missing under the locks.
 */
export class KnownOutlines {
  readonly #maxIds: number
  /** Once full, it replaces the older generation, which is forgotten. */
  #recent = new Map<string, OrderOutline>()
  #older: ReadonlyMap<string, OrderOutline> = this.#recent
  #ids = 0

  constructor(bound = maxIds) {
    this.#maxIds = bound
  }

  /**
   * Learns the orders of a committed group. Orders with an id that the caller chose, which is locked, are left out: if the
   * store loses such an order, another one may have its id later.
   */
  learn(placed: readonly Order[], lockedIds: readonly string[]): void {
    if (placed.length === 0) return
    const chosen = new Set(lockedIds)
    for (const order of placed) if (!chosen.has(order.orderId)) this.#add(outlineOf(order))
  }

  #add(outline: OrderOutline): void {
    // Order, user and coupon; the entry itself takes about as much as one more.
    const ids = 4 + outline.productIds.length
    if (this.#ids + ids > this.#maxIds) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#ids = 0
    }
    this.#ids += ids
    this.#recent.set(outline.orderId, outline)
  }

  /** The outlines of a prefetch, if it asks only for orders that are known. */
  of({ orders = [], couponCodes = [] }: Prefetch): Outlines | undefined {
    if (couponCodes.length > 0) return undefined
    const found = new Map<string, OrderOutline>()
    for (const orderId of orders) {
      const outline = this.#recent.get(orderId) ?? this.#older.get(orderId)
      if (!outline) return undefined
      found.set(orderId, outline)
    }
    return { ...noOutlines, order: (orderId) => found.get(orderId) }
  }
}
