import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, quiet, type Scenario } from './scenario.js'

const money = 10_000

const corrections: Scenario = {
  name: 'grant, withdraw, adjust',
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const userId = await market.user(0, money)
    const statuses: number[] = []
    return {
      callers: [
        async () => {
          for (const answer of [
            () => market.grant(userId, 500, null),
            () => market.withdraw(userId, money),
            () => market.withdraw(userId, 1),
            () => market.adjust(userId, 300),
          ]) {
            statuses.push((await answer()).status)
          }
        },
      ],
      async check() {
        const mismatches = new Mismatches()
        const entry = (kind: string, amount: number) => ({ kind, amount, orderId: null })
        mismatches.same('the statuses', statuses, [200, 200, 409, 200])
        mismatches.same('the entries', await market.entries(userId), [
          entry('charge', money),
          entry('grant', 500),
          entry('withdrawal', -money),
          entry('adjustment', 300),
        ])
        mismatches.same('the balance', await market.balance(userId), { balance: 800, bonus: [500] })
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
}

/** The lot has ended before the operation begins: the withdrawal records that, too. */
const expiry: Scenario = {
  name: 'expiry with a withdrawal',
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const userId = await market.user(0, money)
    await market.grant(userId, 500, new Date(Date.now() + 200).toISOString())
    while ((await market.balance(userId)).bonus.length > 0);
    let status: number | undefined
    return {
      callers: [
        async () => {
          status = (await market.withdraw(userId, 1_000)).status
        },
      ],
      async check() {
        const mismatches = new Mismatches()
        mismatches.same('the status', status, 200)
        mismatches.same('the entries', await market.entries(userId), [
          { kind: 'charge', amount: money, orderId: null },
          { kind: 'grant', amount: 500, orderId: null },
          { kind: 'expiry', amount: -500, orderId: null },
          { kind: 'withdrawal', amount: -1_000, orderId: null },
        ])
        mismatches.same('the balance', await market.balance(userId), { balance: 9_000, bonus: [] })
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
}

const price = 1_000
const stock = 10

/** An order of three units for 2,700, paid with 500 of bonus money: one unit comes back, and the rest is written off. */
const bonusRefund: Scenario = {
  name: 'refund of bonus money in two parts',
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const couponId = await market.coupon(1)
    const productId = await market.product('thing', { price, stock })
    const userId = await market.user(0, money, couponId)
    await market.grant(userId, 500, null)
    const { body } = await market.order(userId, [{ productId, quantity: 3 }], couponId)
    const orderId = body.orderId as string
    await market.pay(userId, orderId)
    const answers: ApiResponse[] = []
    return {
      callers: [
        async () => {
          answers.push(await market.refundUnit(orderId, productId, `${run}-unit`))
          answers.push(await market.refundRest(orderId, `${run}-rest`))
        },
      ],
      async check() {
        const mismatches = new Mismatches()
        const told = answers.map(({ status, body: order }) => [status, order.status, order.refundedAmount])
        mismatches.same('the answers', told, [
          [200, 'paid', 900],
          [200, 'refunded', 2_700],
        ])
        mismatches.same('the balance', await market.balance(userId), { balance: money + 500, bonus: [500] })
        mismatches.same('the entries of refunds', (await market.entries(userId)).slice(3), [
          { kind: 'refund', amount: 900, orderId },
          { kind: 'refund', amount: 1_800, orderId },
        ])
        mismatches.same('the stock', await market.stock(productId), stock - 2)
        mismatches.same('the coupons', await market.coupons(userId), [{ status: 'issued', usedByOrderId: null }])
        return { mismatches: mismatches.list, events: 2 }
      },
    }
  },
}

export const moneyScenarios: readonly Scenario[] = [corrections, expiry, bonusRefund]
