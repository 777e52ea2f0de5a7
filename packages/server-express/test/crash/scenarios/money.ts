import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const money = 10_000

/** Several callers send the webhook of one payment, which only its reference names. */
const chargeByReference = (name: string, callers: number): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const userId = market.userId(0)
    const answers: ApiResponse[] = []
    return {
      callers: numbered(callers, (n) => async () => {
        answers[n] = await market.chargeByReference(userId, money, 'payment')
      }),
      async check() {
        const mismatches = new Mismatches()
        const told = answers.map(({ status, body }) => `${status} ${JSON.stringify({ ...body, requestId: '' })}`)
        mismatches.same('the different answers', new Set(told).size, 1)
        mismatches.same('the status', answers[0]?.status, 200)
        mismatches.same('the entries', await market.entries(userId), [{ kind: 'charge', amount: money, orderId: null }])
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
})

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

/**
 * An order of three units for 2,700, paid with 500 of bonus money. Each of the first `units` callers refunds one unit. The
 * last caller then refunds what is left, and writes it off.
 */
const refund = ({ name, units }: { name: string; units: number }): Scenario => ({
  name,
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
    let rest: ApiResponse | undefined
    return {
      callers: [
        async () => {
          await Promise.all(
            numbered(units, async (n) => {
              answers[n] = await market.refundUnit(orderId, productId)
            }),
          )
          rest = await market.refundRest(orderId, 'rest')
        },
      ],
      async check() {
        const mismatches = new Mismatches()
        const restocked = Math.min(units, 3)
        const accepted = answers.filter(({ status }) => status === 200).length
        mismatches.same('the accepted units', accepted, restocked)
        mismatches.same('the rest', rest?.status, restocked < 3 ? 200 : 409)
        mismatches.same('the orders', await market.orders(userId), [{ orderId, status: 'refunded' }])
        mismatches.same('the refunded amount', await market.refundedAmount(orderId), 2_700)
        mismatches.same('the balance', await market.balance(userId), { balance: money + 500, bonus: [500] })
        mismatches.same('the entries of refunds', (await market.entries(userId)).slice(3), [
          ...numbered(restocked, () => ({ kind: 'refund', amount: 900, orderId })),
          ...(restocked < 3 ? [{ kind: 'refund', amount: 900 * (3 - restocked), orderId }] : []),
        ])
        mismatches.same('the stock', await market.stock(productId), stock - 3 + restocked)
        mismatches.same('the coupons', await market.coupons(userId), [{ status: 'issued', usedByOrderId: null }])
        return { mismatches: mismatches.list, events: restocked + (restocked < 3 ? 1 : 0) }
      },
    }
  },
})

export const moneyScenarios: readonly Scenario[] = [
  chargeByReference('charge by reference', 1),
  chargeByReference('charge by reference, 4 callers', 4),
  corrections,
  expiry,
  refund({ name: 'partial refund', units: 1 }),
  refund({ name: 'partial refund, 5 callers for 3 units', units: 5 }),
]
