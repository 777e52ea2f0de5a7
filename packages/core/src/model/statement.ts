import type { Instant } from '../shared/instant.js'
import { type Order, refundsOf } from './order.js'
import { netAmounts } from './share.js'

/** What was sold and refunded of one product. Money is after discount, in the currency's minor unit. */
export interface ProductMovement {
  /** The product's id. */
  readonly productId: string
  /** Units paid. */
  readonly sold: number
  /** What was paid for them. */
  readonly soldAmount: number
  /** Units refunded. */
  readonly refunded: number
  /** What was paid back for them. */
  readonly refundedAmount: number
}

type Sums = { -readonly [Field in keyof ProductMovement]: ProductMovement[Field] }

/** Adds up the products of orders that were paid, or have a refund, in a range of time. */
export class ProductMovements {
  readonly #isIn: (at: Instant) => boolean
  readonly #sums = new Map<string, Sums>()

  constructor({ from, until }: { readonly from: Instant; readonly until: Instant }) {
    this.#isIn = (at) => from <= at && at < until
  }

  #of(productId: string): Sums {
    const sums = this.#sums.get(productId) ?? { productId, sold: 0, soldAmount: 0, refunded: 0, refundedAmount: 0 }
    this.#sums.set(productId, sums)
    return sums
  }

  add(order: Order): void {
    if (order.paidAt !== null && this.#isIn(order.paidAt)) {
      const nets = netAmounts(order)
      for (const [index, { productId, quantity }] of order.lines.entries()) {
        const sums = this.#of(productId)
        sums.sold += quantity
        sums.soldAmount += nets[index] as number
      }
    }
    for (const { at, lines } of refundsOf(order)) {
      if (!this.#isIn(at)) continue
      for (const { productId, quantity, amount } of lines) {
        const sums = this.#of(productId)
        sums.refunded += quantity
        sums.refundedAmount += amount
      }
    }
  }

  /** Every product that moved, by id. */
  list(): readonly ProductMovement[] {
    return [...this.#sums.values()].sort((a, b) => (a.productId < b.productId ? -1 : 1))
  }
}
