import type { Reads } from '../../../store/reads.js'
import type { StaleList, Store } from '../../../store/store.js'
import { differences } from '../../../testing/difference.js'
import { couponOf, productOf } from '../../../testing/given-rows.js'
import { inTime } from '../../stale-lists.js'
import { startOfHistory } from '../../steps.js'
import type { Scenario } from '../trial.js'
import { put } from './transactions.js'

const rounds = 5

const rowsOf = (round: number) => {
  const terms = { validFrom: startOfHistory, validUntil: startOfHistory + 9_999 }
  const at = { createdAt: startOfHistory + round }
  return {
    products: [productOf({ ...at, productId: `p${round}`, closesAt: terms.validUntil }).row],
    coupons: [couponOf({ ...at, ...terms, couponId: `c${round}` }).row],
  }
}

const page = { offset: 0, limit: 9 }

type Check = (store: Pick<Store<never>, 'reads' | 'supports'>, round: number) => Promise<readonly string[]>

/** A list that may be late if the store declares it, and how many rows it shows. */
const late =
  (list: StaleList, count: (reads: Reads, round: number) => Promise<number>): Check =>
  (store, round) =>
    inTime(store, list, async () => differences(await count(store.reads, round), round, `rows of ${list}`))

/** What each round is to find: as many rows as there were rounds. */
const checks: readonly Check[] = [
  async ({ reads }, round) => {
    const found = [
      (await reads.product(`p${round}`)).found?.productId,
      (await reads.coupon(`c${round}`))?.couponId,
      (await reads.coupons(page)).length,
      (await reads.products({ ...page, includeUnlisted: true })).total,
      (await reads.products({ ...page, mustBeCurrent: true })).total,
    ]
    return differences(found, [`p${round}`, `c${round}`, round, round, round], 'what must be current')
  },
  late('products', async (reads) => (await reads.products(page)).total),
  late('drops', async (reads) => (await reads.drops(page)).found.length),
  late('claimableCoupons', async (reads) => (await reads.claimableCoupons(page)).length),
  late('productsWithIds', async (reads, round) => {
    const productIds = Array.from({ length: round }, (_, index) => `p${index + 1}`)
    return (await reads.productsWithIds(productIds)).found.length
  }),
]

/** Scenarios of lists that copies of the data may answer. */
export const freshListTrials: readonly Scenario[] = [
  {
    id: 'LIST-FRESH',
    sentence:
      'Every read shows what was committed before it. Only a list that the store declares may be late, not if it must be current, and never once its time has passed.',
    kind: 'eventually',
    async play({ store, another }) {
      const other = (await another?.()) ?? store
      for (let round = 1; round <= rounds; round += 1) {
        await put(store, { inserted: rowsOf(round) })
        for (const check of checks) {
          const problems = await check(other, round)
          if (problems.length > 0) return problems
        }
      }
      return []
    },
  },
]
