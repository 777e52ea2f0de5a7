import type { ChargeAccess } from './caller.js'
import type { Route } from './route.js'
import { balanceRoutes } from './routes/balance.js'
import { couponRoutes } from './routes/coupons.js'
import { demoRoutes, signInRoutes } from './routes/demo.js'
import { docsRoutes } from './routes/docs.js'
import { healthRoutes } from './routes/health.js'
import { operationRoutes } from './routes/operation.js'
import { orderRoutes } from './routes/orders.js'
import { pageRoutes } from './routes/page.js'
import { paymentRoutes } from './routes/payments.js'
import { productRoutes } from './routes/products.js'
import { rankingRoutes } from './routes/ranking.js'

/** Optional parts of the route table. */
export interface Extras {
  /** Adds the routes of the demo. @default false */
  readonly demo?: boolean
  /** Adds the demo route that issues tokens. @default the value of `demo` */
  readonly signIn?: boolean
  /** Adds the web page at `/`. @default false */
  readonly page?: boolean
  /** Who may charge balances. @default 'user' */
  readonly chargeAccess?: ChargeAccess | undefined
}

/** The routes that a server answers: those that `isKept` accepts. The OpenAPI document describes the same. */
export const makeRoutes = (
  { demo = false, signIn = demo, page = false, chargeAccess = 'user' }: Extras = {},
  isKept: (route: Route) => boolean = () => true,
): readonly Route[] => {
  const routes: readonly Route[] = [
    ...balanceRoutes(chargeAccess),
    ...productRoutes,
    ...couponRoutes,
    ...orderRoutes,
    ...paymentRoutes,
    ...rankingRoutes,
    ...operationRoutes,
    ...healthRoutes,
    ...(demo ? demoRoutes : []),
    ...(demo && signIn ? signInRoutes : []),
    ...docsRoutes(() => routes),
    ...(page ? pageRoutes : []),
  ].filter(isKept)
  return routes
}
