import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const purchaseLimit = 2
const stock = 100

/** One user sends orders of one unit of a product with a purchase limit, and pays each. */
const limitedOrders = ({ name, orders: count }: { name: string; orders: number }): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const productId = await market.product('limited', { price: 1_000, stock, purchaseLimit })
    const userId = await market.user(0, 100_000)
    const answers: ApiResponse[] = []
    const buy = async (n: number) => {
      const ordered = await market.order(userId, [{ productId, quantity: 1 }], null)
      answers[n] = ordered
      if (ordered.status === 201) await market.pay(userId, ordered.body.orderId)
    }
    return {
      callers: numbered(count, (n) => () => buy(n)),
      async check() {
        const mismatches = new Mismatches()
        for (const { status, body } of answers)
          if (status !== 201) mismatches.same('an order is refused', body.code, 'PURCHASE_LIMIT_EXCEEDED')
        const placed = answers.filter(({ status }) => status === 201).length
        const found = await market.orders(userId)
        mismatches.same('orders', placed, Math.min(count, purchaseLimit))
        mismatches.same(
          'paid orders',
          found.map(({ status }) => status),
          numbered(placed, () => 'paid'),
        )
        mismatches.same('stock', await market.stock(productId), stock - placed)
        return { mismatches: mismatches.list, events: placed }
      },
    }
  },
})

export const limitedScenarios: readonly Scenario[] = [
  limitedOrders({ name: 'limited order', orders: 1 }),
  limitedOrders({ name: 'limited order, 5 of one user for 2', orders: 5 }),
]
