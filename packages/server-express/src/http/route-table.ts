import type { Route } from './route.js'
import { balanceRoutes } from './routes/balance.js'
import { couponRoutes } from './routes/coupons.js'
import { docsRoutes } from './routes/docs.js'
import { healthRoutes } from './routes/health.js'
import { operationRoutes } from './routes/operation.js'
import { orderRoutes } from './routes/orders.js'
import { paymentRoutes } from './routes/payments.js'
import { productRoutes } from './routes/products.js'
import { rankingRoutes } from './routes/ranking.js'

/** Everything that the server answers. */
export const makeRoutes = (): readonly Route[] => {
  const routes: readonly Route[] = [
    ...balanceRoutes,
    ...productRoutes,
    ...couponRoutes,
    ...orderRoutes,
    ...paymentRoutes,
    ...rankingRoutes,
    ...operationRoutes,
    ...healthRoutes,
    ...docsRoutes(() => routes),
  ]
  return routes
}
