import type { Shop } from '@shop/core'
import { drain } from '../figures/drive.js'
import { productId, userId } from '../stage/seed.js'
import type { RefundKind } from './questions.js'
import { threeLines } from './workloads.js'

/** Refunds that wait for their turn. Their orders are paid. */
export class Refunds {
  readonly #shop: Pick<Shop<never>, 'orders'>
  readonly #users: number
  #waiting: (() => Promise<unknown>)[] = []

  constructor(shop: Pick<Shop<never>, 'orders'>, users: number) {
    this.#shop = shop
    this.#users = users
  }

  async prepare(kind: RefundKind, count: number, callers: number): Promise<void> {
    const { orders } = this.#shop
    this.#waiting = []
    if (kind === 'unit') {
      const [product] = [productId(1)]
      const { orderId } = await orders.place({ userId: userId(1), products: [{ productId: product, quantity: count }] })
      const refund = () => orders.refund({ orderId, lines: [{ productId: product, quantity: 1 }] })
      this.#waiting = Array.from({ length: count }, () => refund)
      return
    }
    const place = async () => {
      const user = userId(1 + Math.floor(Math.random() * this.#users))
      const { orderId, lines } = await orders.place({ userId: user, products: threeLines() })
      const [first] = lines
      this.#waiting.push(() =>
        orders.refund(
          kind === 'line' && first ? { orderId, lines: [{ productId: first.productId, quantity: 1 }] } : { orderId },
        ),
      )
    }
    await drain(Array(count).fill(place), callers)
  }

  async run(callers: number): Promise<{ readonly count: number; readonly perSecond: number }> {
    const tasks = this.#waiting
    this.#waiting = []
    const began = performance.now()
    await drain(tasks, callers)
    return { count: tasks.length, perSecond: (tasks.length / (performance.now() - began)) * 1_000 }
  }
}
