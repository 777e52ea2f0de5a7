import { accept, defineCommand, put } from '../../engine/command.js'
import { checkFence, type FencedInput, fenceLocks, passFence } from '../../engine/fence.js'
import { type RankingView, type RankingWindow, rankProducts } from '../../model/ranking.js'
import { checkedElsewhere, checkFields } from '../../shared/check.js'
import { iso } from '../../shared/instant.js'

/** Input of {@link refreshRanking}. */
export interface RefreshRanking extends FencedInput {
  /** The days that count. */
  readonly window: RankingWindow
}

/**
 * Computes the popular products of the window from the daily sums and stores them. Its answer has the regular prices; a read
 * of the ranking has those of its time. Refused: LEADERSHIP_LOST.
 *
 * @example await shop.upkeep.refreshRanking()
 */
export const refreshRanking = defineCommand<RefreshRanking, RankingView>({
  name: 'refresh-ranking',
  check: (input) => checkFields(input, { window: checkedElsewhere, fence: checkFence }),
  keys: (input, { policies }) => ({
    lock: { ...fenceLocks(input), rankings: ['popular'] },
    read: { sales: [{ ...input.window, size: policies.ranking.size }] },
  }),
  decide(facts, input, { now, policies }) {
    const fence = passFence(facts, input)
    if (!fence.ok) return fence
    const { window } = input
    const { from, to } = window
    const ranked = rankProducts(facts.sales({ ...window, size: policies.ranking.size }), policies.ranking)
    const products = ranked.map(({ productId, sold, views }) => ({ productId, sold, views }))
    const view: RankingView = {
      products: ranked.map(({ productId, name, price, sold, views }, index) => ({
        rank: index + 1,
        productId,
        name,
        price,
        sold,
        views,
      })),
      from,
      to,
      asOf: iso(now),
    }
    return accept(view, [...fence.changes, put('rankings', { name: 'popular', products, from, to, asOf: now })])
  },
})
