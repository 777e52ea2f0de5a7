import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const couponIssue = ({
  name,
  users: count,
  quantity,
}: {
  name: string
  users: number
  quantity: number
}): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const couponId = await market.coupon(quantity)
    const users = numbered(count, (n) => market.userId(n))
    const answers: ApiResponse[] = []
    return {
      callers: users.map((userId, n) => async () => {
        answers[n] = await market.issue(userId, couponId)
      }),
      async check() {
        const mismatches = new Mismatches()
        for (const [n, userId] of users.entries()) {
          const { status, body } = answers[n] as ApiResponse
          if (status !== 200) mismatches.same(`${userId} is refused`, body.code, 'COUPON_SOLD_OUT')
          const owned = status === 200 ? [{ status: 'issued', usedByOrderId: null }] : []
          mismatches.same(`${userId} coupons`, await market.coupons(userId), owned)
        }
        const got = answers.filter(({ status }) => status === 200).length
        mismatches.same('coupons given', got, Math.min(count, quantity))
        mismatches.same('coupons issued', await market.issued(couponId), got)
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
})

export const couponIssues: readonly Scenario[] = [
  couponIssue({ name: 'coupon issue', users: 1, quantity: 1 }),
  couponIssue({ name: 'coupon issue, 6 users for 3', users: 6, quantity: 3 }),
]
