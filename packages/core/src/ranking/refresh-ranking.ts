import { type FencedInput, fencedKeys, passFence } from '../command/fence.js'
import { accept, put, verb } from '../command/verb.js'
import { type Ranking, type RankingWindow, rankProducts } from './ranking.js'

export interface RefreshRanking extends FencedInput {
  readonly window: RankingWindow
}

/** Computes the popular products of the window from the full daily sums and stores them. (seed 000, B041 · seed 001, B078–B080 · seed 003, B173–B175) */
export const refreshRanking = verb<RefreshRanking, Ranking>({
  name: 'refresh-ranking',
  check: () => [],
  lane: () => 'popular',
  keys: (input, { policies }) => ({
    ...fencedKeys(input),
    rankings: ['popular'],
    sales: [{ ...input.window, size: policies.ranking.size }],
  }),
  decide(facts, input, { now, policies }) {
    const fence = passFence(facts, input)
    if (!fence.ok) return fence
    const { window } = input
    const products = rankProducts(facts.sales({ ...window, size: policies.ranking.size }), policies.ranking)
    const ranking: Ranking = { name: 'popular', products, from: window.from, to: window.to, asOf: now }
    return accept(ranking, [...fence.changes, put('rankings', ranking)])
  },
})
