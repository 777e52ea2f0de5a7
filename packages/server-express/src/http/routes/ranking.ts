import { iso, type Outcome, type Ranking, type RankingView } from '@shop/core'
import type { HttpDeps } from '../http-deps.js'
import { command, type Route } from '../route.js'
import { ranking } from '../schemas/product.js'

/**
 * The ranking that the outcome tells of, with the names and prices of its products: a replay shows the same ranking even
 * if another was computed since.
 */
const shown = async ({ products, from, to, asOf }: Ranking, shop: HttpDeps['shop']): Promise<RankingView> => ({
  products: await Promise.all(
    products.map(async ({ productId, sold, views }, index) => {
      const { name, price } = await shop.products.find({ productId })
      return { rank: index + 1, productId, name, price, sold, views }
    }),
  ),
  from,
  to,
  asOf: iso(asOf),
})

export const rankingRoutes: readonly Route[] = [
  command({
    method: 'POST',
    path: '/api/admin/products/top/refresh',
    name: 'refreshTopProducts',
    summary: 'Compute the popular products now',
    tag: 'Products',
    access: 'administrator',
    answer: ranking,
    async handle({ idempotency }, { shop }): Promise<Outcome<RankingView>> {
      await shop.upkeep.flushViews()
      const outcome = await shop.upkeep.refreshRanking({ idempotency })
      return outcome.ok ? { ...outcome, result: await shown(outcome.result, shop) } : outcome
    },
  }),
]
