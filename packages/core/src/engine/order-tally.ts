import { boughtUnits, isOpen, type Order } from '../model/order.js'
import type { Loaded } from '../store/rows.js'

type Add = (key: string, quantity: number) => void

/** Sums over the orders of users, as a group sees them: as loaded, and as its commands have changed them. */
export class OrderTally {
  readonly #sums: Map<string, number>
  readonly #add: (order: Order, add: Add) => void

  /** `add` adds what one order contributes. */
  constructor(loaded: Iterable<readonly [string, number]>, add: (order: Order, add: Add) => void) {
    this.#sums = new Map(loaded)
    this.#add = add
  }

  of(key: string): number {
    return this.#sums.get(key) ?? 0
  }

  /** Counts an order as it is now instead of as it was. */
  replace(before: Order | undefined, after: Order | undefined): void {
    if (before) this.#add(before, (key, quantity) => this.#sums.set(key, this.of(key) - quantity))
    if (after) this.#add(after, (key, quantity) => this.#sums.set(key, this.of(key) + quantity))
  }
}

export const purchaseKey = (userId: string, productId: string): string => `${userId} ${productId}`

/** Units of products that users have, by {@link purchaseKey}. */
export const purchaseTally = ({ now, purchases }: Pick<Loaded, 'now' | 'purchases'>): OrderTally =>
  new OrderTally(
    purchases.map(({ userId, productId, quantity }) => [purchaseKey(userId, productId), quantity]),
    (order, add) => {
      for (const [productId, units] of boughtUnits(order, now)) add(purchaseKey(order.userId, productId), units)
    },
  )

/** How many open orders users have. */
export const openOrderTally = ({ now, openOrders }: Pick<Loaded, 'now' | 'openOrders'>): OrderTally =>
  new OrderTally(
    openOrders.map(({ userId, count }) => [userId, count]),
    (order, add) => {
      if (isOpen(order, now)) add(order.userId, 1)
    },
  )
