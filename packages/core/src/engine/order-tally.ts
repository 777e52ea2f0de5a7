import { boughtUnits, isOpen, type Order } from '../model/order.js'
import type { Instant } from '../shared/instant.js'
import type { Loaded } from '../store/rows.js'

/** Units and open orders of users, as a group sees them: as loaded, and as its commands have changed them. */
export class OrderTally {
  readonly #now: Instant
  readonly #units = new Map<string, number>()
  readonly #open = new Map<string, number>()

  constructor({ now, purchases, openOrders }: Pick<Loaded, 'now' | 'purchases' | 'openOrders'>) {
    this.#now = now
    for (const { userId, productId, quantity } of purchases) this.#units.set(`${userId} ${productId}`, quantity)
    for (const { userId, count } of openOrders) this.#open.set(userId, count)
  }

  purchased(userId: string, productId: string): number {
    return this.#units.get(`${userId} ${productId}`) ?? 0
  }

  openOrders(userId: string): number {
    return this.#open.get(userId) ?? 0
  }

  /** Counts an order as it is now instead of as it was. */
  replace(before: Order | undefined, after: Order | undefined): void {
    if (before) this.#count(before, -1)
    if (after) this.#count(after, 1)
  }

  #count(order: Order, sign: 1 | -1): void {
    const { userId } = order
    for (const [productId, units] of boughtUnits(order, this.#now)) {
      const key = `${userId} ${productId}`
      this.#units.set(key, (this.#units.get(key) ?? 0) + sign * units)
    }
    if (isOpen(order, this.#now)) this.#open.set(userId, (this.#open.get(userId) ?? 0) + sign)
  }
}
