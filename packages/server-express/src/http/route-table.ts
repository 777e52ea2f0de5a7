import { type Guard, quoteOrder, rulesFor } from '@shop/core/commands'
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
import { isOfShop, type Tenants } from './tenants.js'

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
  /** Their refusals are refusals of the routes that run their commands. @default [] */
  readonly guards?: readonly Guard[] | undefined
  /** Whether middleware of the host can give rows of companions to commands. @default false */
  readonly companions?: boolean | undefined
  /** The shops of the server: their routes refuse what belongs to another one. @default one shop */
  readonly tenants?: Pick<Tenants, 'areNamedByToken'> | undefined
  /** Routes of the host, after those of the shop. @default [] */
  readonly own?: readonly Route[] | undefined
}

/** The route with the refusals of the guards and of the companions of its command. A quote writes no rows. */
const withHostRefusals =
  ({ guards = [], companions = false }: Pick<Extras, 'guards' | 'companions'>) =>
  (route: Route): Route => {
    const { runs } = route
    if (!runs) return route
    const ofGuards = rulesFor(guards, runs).flatMap((rule) => rule.refusals ?? [])
    const ofCompanions = companions && runs !== quoteOrder ? (['COMPANION_FAILED'] as const) : []
    return { ...route, refusals: [...route.refusals, ...ofGuards, ...ofCompanions] }
  }

/** The route with the refusals of a server of many shops, if it is a route of a shop. */
const withTenantRefusals =
  (tenants: Extras['tenants']) =>
  (route: Route): Route => {
    if (!tenants || !isOfShop(route)) return route
    const ofToken = tenants.areNamedByToken ? (['UNAUTHENTICATED'] as const) : []
    return { ...route, refusals: [...route.refusals, ...ofToken, 'FORBIDDEN', 'SHOP_NOT_FOUND'] }
  }

/** The routes that a server answers: those that `isKept` accepts. The OpenAPI document describes the same. */
export const makeRoutes = (
  { demo = false, signIn = demo, page = false, chargeAccess = 'user', own = [], tenants, ...rules }: Extras = {},
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
  ]
    .filter(isKept)
    .concat(own)
    .map(withHostRefusals(rules))
    .map(withTenantRefusals(tenants))
  return routes
}
