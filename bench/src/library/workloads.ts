import type { Shop } from '@shop/core'
import { couponId, productCount, productId, userId } from '../stage/seed.js'

export const workloadNames = ['issue', 'issue-keyed', 'pair', 'checkout', 'charge'] as const

/** The command that a caller repeats. */
export type WorkloadName = (typeof workloadNames)[number]

/** Three consecutive products, like the baselines. */
const threeLines = () => {
  const first = 1 + Math.floor(Math.random() * (productCount - 2))
  return [first, first + 1, first + 2].map((number) => ({ productId: productId(number), quantity: 1 }))
}

/**
 * `run` makes the ids of this process unique. Users who claim a coupon need no wallet. Users who pay are chosen
 * from those with a wallet.
 */
export const workloadsOf = (
  shop: Shop<never>,
  { run, users }: { readonly run: string; readonly users: number },
): Record<WorkloadName, () => Promise<unknown>> => {
  let number = 0
  const anyUser = (): string => userId(1 + Math.floor(Math.random() * users))
  const nextUser = (): string => {
    number += 1
    return `caller-${run}-${number}`
  }
  return {
    issue: () => shop.coupons.issue({ userId: nextUser(), couponId: couponId(1) }),
    'issue-keyed': () => {
      const userId = nextUser()
      return shop.coupons.issue({ userId, couponId: couponId(1) }, { idempotency: { scope: userId, key: 'issue-1' } })
    },
    async pair() {
      const userId = anyUser()
      const { orderId } = await shop.orders.place({ userId, products: threeLines() })
      return shop.payments.pay({ userId, orderId })
    },
    checkout: () => shop.orders.place({ userId: anyUser(), products: threeLines() }),
    charge: () => shop.balance.charge({ userId: anyUser(), amount: 100 }),
  }
}
