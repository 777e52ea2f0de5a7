import express from 'express'
import type { HttpDeps } from './http-deps.js'
import { shopRouter } from './shop-router.js'

/** The HTTP interface of a shop as an Express application, to be served alone. It answers every request. */
export const createApp = (deps: HttpDeps): express.Express => {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', deps.trustProxy)
  app.use(shopRouter(deps))
  return app
}
