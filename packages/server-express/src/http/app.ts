import express, { type Express } from 'express'
import type { HttpDeps, RouteDeps, StageDeps } from './http-deps.js'
import type { HttpInterface } from './http-interface.js'
import type { Route } from './route.js'
import { hostedHeaders, ownHeaders } from './security-headers.js'
import { type Routers, routersFor } from './shop-router.js'

/** With the table from which both forms answer. */
export interface HttpInterfaceWithTable extends HttpInterface {
  /** Its routes, and what they work with. */
  readonly table: { readonly routes: readonly Route[]; readonly deps: RouteDeps }
}

/** An application that answers every request. */
export const appWith = (
  { trustProxy, host: { notFound = 'answer', errors } = {} }: Pick<StageDeps, 'trustProxy' | 'host'>,
  routerWith: Routers['routerWith'],
): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', trustProxy)
  app.use(routerWith({ notFound, errors, security: ownHeaders }))
  return app
}

export const httpInterface = (deps: HttpDeps): HttpInterfaceWithTable => {
  const { notFound, errors } = deps.host ?? {}
  const { routerWith, live, ...table } = routersFor(deps)
  const router = routerWith({ notFound: notFound ?? 'next', errors, security: hostedHeaders })
  return { app: appWith(deps, routerWith), router, live, table }
}
