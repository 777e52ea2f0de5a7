import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const money = 10_000
const price = 1_000
/** Two units with a discount of 10 %. */
const toPay = 1_800
const stock = 100

/** Every order is cancelled. The first `payers` also pay at the same time, and one of the two requests is refused. */
const cancel = ({ name, orders, payers }: { name: string; orders: number; payers: number }): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const couponId = await market.coupon(orders)
    const productId = await market.product('thing', { price, stock })
    const placed = await Promise.all(
      numbered(orders, async (n) => {
        const userId = await market.user(n, money, couponId)
        const { body } = await market.order(userId, [{ productId, quantity: 2 }], couponId)
        return { userId, orderId: body.orderId as string }
      }),
    )
    const cancelled: ApiResponse[] = []
    const paid: ApiResponse[] = []
    return {
      callers: placed.flatMap(({ userId, orderId }, n) => [
        async () => {
          cancelled[n] = await market.cancel(orderId)
        },
        ...numbered(n < payers ? 1 : 0, () => async () => {
          paid[n] = await market.pay(userId, orderId)
        }),
      ]),
      async check() {
        const mismatches = new Mismatches()
        let sold = 0
        for (const [n, { userId, orderId }] of placed.entries()) {
          const isPaid = paid[n]?.status === 200
          mismatches.same(`${userId} cancels`, cancelled[n]?.status, isPaid ? 409 : 200)
          if (n < payers && !isPaid) mismatches.same(`${userId} pays`, paid[n]?.status, 409)
          if (isPaid) sold += 2
          const charged = { kind: 'charge', amount: money, orderId: null }
          const payment = { kind: 'payment', amount: -toPay, orderId }
          mismatches.same(`${userId} orders`, await market.orders(userId), [
            { orderId, status: isPaid ? 'paid' : 'cancelled' },
          ])
          mismatches.same(`${userId} entries`, await market.entries(userId), isPaid ? [charged, payment] : [charged])
          mismatches.same(`${userId} coupons`, await market.coupons(userId), [
            isPaid ? { status: 'used', usedByOrderId: orderId } : { status: 'issued', usedByOrderId: null },
          ])
        }
        mismatches.same('stock', await market.stock(productId), stock - sold)
        return { mismatches: mismatches.list, events: orders }
      },
    }
  },
})

export const cancels: readonly Scenario[] = [
  cancel({ name: 'cancel', orders: 1, payers: 0 }),
  cancel({ name: 'cancel, 4 orders, 2 paid meanwhile', orders: 4, payers: 2 }),
]
