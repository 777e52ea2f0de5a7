import express, { type Express, type Router } from 'express'
import type { HttpDeps } from './http-deps.js'
import { hostedHeaders, ownHeaders } from './security-headers.js'
import { routersFor } from './shop-router.js'

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
}

export const httpInterface = (deps: HttpDeps): HttpInterface => {
  const { notFound, errors } = deps.host ?? {}
  const { routerWith, live } = routersFor(deps)
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', deps.trustProxy)
  app.use(routerWith({ notFound: notFound ?? 'answer', errors, security: ownHeaders }))
  return { app, router: routerWith({ notFound: notFound ?? 'next', errors, security: hostedHeaders }), live }
}

/** The HTTP interface of a shop as an Express application. */
export const createApp = (deps: HttpDeps): Express => httpInterface(deps).app
