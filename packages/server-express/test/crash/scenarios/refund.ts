import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const money = 10_000
const price = 1_000
const stock = 100
const units = 3

/** An order of 3 units with a discount of 10 % is refunded unit by unit, each with a reference. One unit is paid back 900. */
const refund = ({ name, times }: { name: string; times: number }): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const couponId = await market.coupon(1)
    const productId = await market.product('thing', { price, stock })
    const userId = await market.user(0, money, couponId)
    const { body: order } = await market.order(userId, [{ productId, quantity: units }], couponId)
    const orderId: string = order.orderId
    await market.pay(userId, orderId)
    const answers: ApiResponse[] = []
    return {
      callers: numbered(
        times,
        (n) => async () => answers.push(await market.refundUnit(orderId, productId, `${run}-${n}`)),
      ),
      async check() {
        const mismatches = new Mismatches()
        const done = Math.min(times, units)
        const statuses = answers.map(({ status }) => status).sort()
        mismatches.same('the answers', statuses, [...numbered(done, () => 200), ...numbered(times - done, () => 409)])
        mismatches.same('the orders', await market.orders(userId), [
          { orderId, status: done === units ? 'refunded' : 'paid' },
        ])
        mismatches.same('the entries', await market.entries(userId), [
          { kind: 'charge', amount: money, orderId: null },
          { kind: 'payment', amount: -2_700, orderId },
          ...numbered(done, () => ({ kind: 'refund', amount: 900, orderId })),
        ])
        mismatches.same('the stock', await market.stock(productId), stock - units + done)
        mismatches.same('the coupons', await market.coupons(userId), [
          done === units ? { status: 'issued', usedByOrderId: null } : { status: 'used', usedByOrderId: orderId },
        ])
        return { mismatches: mismatches.list, events: done }
      },
    }
  },
})

export const refunds: readonly Scenario[] = [
  refund({ name: 'refund a unit', times: 1 }),
  refund({ name: 'refund, 4 units of 3 at once', times: 4 }),
]
