import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const price = 1_000

/** Buyers place one order each, with a row of the host's. Some want units that are gone. */
const notedOrders = ({ name, buyers, stock }: { name: string; buyers: number; stock: number }): Scenario => ({
  name,
  policies: quiet,
  program: 'host',
  async prepare(client, run) {
    const market = new Market(client, run)
    const productId = await market.product('noted', { price, stock })
    const users = await Promise.all(numbered(buyers, (n) => market.user(n, price)))
    const answers: ApiResponse[] = []
    const buy = async (userId: string, n: number) => {
      answers[n] = await market.order(userId, [{ productId, quantity: 1 }], null)
    }
    return {
      callers: users.map((userId, n) => () => buy(userId, n)),
      async check() {
        const mismatches = new Mismatches()
        for (const [n, userId] of users.entries()) {
          const { status, body } = answers[n] as ApiResponse
          const placed = status === 201 ? [body.orderId] : []
          if (status !== 201) mismatches.same('an order is refused', body.code, 'STOCK_INSUFFICIENT')
          const orders = (await market.orders(userId)).map(({ orderId }) => orderId)
          mismatches.same(`${userId} orders`, orders, placed)
          mismatches.same(`${userId} companion rows`, await market.noted(userId), placed)
        }
        const count = answers.filter(({ status }) => status === 201).length
        mismatches.same('orders', count, Math.min(buyers, stock))
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
})

export const notedScenarios: readonly Scenario[] = [
  notedOrders({ name: 'order with a companion row', buyers: 1, stock: 1 }),
  notedOrders({ name: 'orders with companion rows, 6 for 4 units', buyers: 6, stock: 4 }),
]
