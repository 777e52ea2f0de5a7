import { differences } from '../../../testing/difference.js'
import { couponOf, productOf } from '../../../testing/given-rows.js'
import { inTime } from '../../stale-lists.js'
import { startOfHistory } from '../../steps.js'
import type { Scenario } from '../trial.js'
import { put } from './transactions.js'

const rounds = 5

/** Scenarios of lists that copies of the data may answer. */
export const freshListTrials: readonly Scenario[] = [
  {
    id: 'LIST-FRESH',
    sentence:
      'Every read shows what was committed before it. Only a list that the store declares may be late, not if it must be current, and never once its time has passed.',
    kind: 'eventually',
    async play({ store, another }) {
      const { reads, supports } = (await another?.()) ?? store
      const problems: string[] = []
      for (let round = 1; round <= rounds; round += 1) {
        const productId = `p${round}`
        const couponId = `c${round}`
        const at = { createdAt: startOfHistory + round }
        await put(store, {
          inserted: {
            products: [productOf({ ...at, productId, closesAt: startOfHistory + 9_999 }).row],
            coupons: [couponOf({ ...at, couponId, validFrom: startOfHistory, validUntil: startOfHistory + 9_999 }).row],
          },
        })
        const page = { offset: 0, limit: 9 }
        const [found, coupon, all, current] = await Promise.all([
          reads.product(productId),
          reads.coupon(couponId),
          reads.products({ ...page, includeUnlisted: true }),
          reads.products({ ...page, mustBeCurrent: true }),
        ])
        problems.push(
          ...differences(found.found?.productId, productId, `product ${round}`),
          ...differences(coupon?.couponId, couponId, `coupon ${round}`),
          ...differences((await reads.coupons(page)).length, round, 'the coupons'),
          ...differences([all.total, current.total], [round, round], 'the products that must be current'),
          ...(await inTime({ supports }, 'products', async () =>
            differences((await reads.products(page)).total, round, 'the listed products'),
          )),
          ...(await inTime({ supports }, 'productsWithIds', async () =>
            differences((await reads.productsWithIds([productId])).found.length, 1, `product ${round} by its id`),
          )),
          ...(await inTime({ supports }, 'drops', async () =>
            differences((await reads.drops(page)).found.length, round, 'the drops'),
          )),
          ...(await inTime({ supports }, 'claimableCoupons', async () =>
            differences((await reads.claimableCoupons(page)).length, round, 'the claimable coupons'),
          )),
        )
      }
      return problems
    },
  },
]
