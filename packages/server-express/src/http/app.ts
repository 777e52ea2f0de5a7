import express, { type Express, type Router } from 'express'
import type { HttpDeps, RouteDeps, StageDeps } from './http-deps.js'
import type { Route } from './route.js'
import { hostedHeaders, ownHeaders } from './security-headers.js'
import { type Routers, routersFor } from './shop-router.js'

/** The HTTP interface of a shop, in two forms. */
export interface HttpInterface {
  /** An application that answers every request: served alone, or mounted in another application. */
  readonly app: Express
  /** A router for an application of the host: requests that no route matches fall through. */
  readonly router: Router
  /** The live streams of both. */
  readonly live: {
    /** Number of streams that are open. */
    readonly size: number
  }
  /** The table that both answer from, and what its routes work with. */
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

export const httpInterface = (deps: HttpDeps): HttpInterface => {
  const { notFound, errors } = deps.host ?? {}
  const { routerWith, live, ...table } = routersFor(deps)
  const router = routerWith({ notFound: notFound ?? 'next', errors, security: hostedHeaders })
  return { app: appWith(deps, routerWith), router, live, table }
}

/** The HTTP interface of a shop as an Express application. */
export const createApp = (deps: HttpDeps): Express => httpInterface(deps).app
