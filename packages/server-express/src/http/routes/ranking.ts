import { refreshRanking } from '@shop/core/commands'
import type { Route } from '../route.js'
import { command } from '../route.js'
import { ranking } from '../schemas/product.js'

export const rankingRoutes: readonly Route[] = [
  command({
    method: 'POST',
    path: '/api/admin/products/top/refresh',
    name: 'refreshTopProducts',
    summary: 'Recompute the popular products now',
    tag: 'Products',
    access: 'administrator',
    runs: refreshRanking,
    response: ranking,
    async handle({ idempotency }, { shop }) {
      await shop.upkeep.flushViews()
      return shop.upkeep.refreshRanking({ idempotency })
    },
  }),
]
