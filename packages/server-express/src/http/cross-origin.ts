import cors from 'cors'
import type { RequestHandler } from 'express'

/** Headers of ours that a page of another origin may read. */
const exposedHeaders = ['location', 'retry-after', 'idempotent-replayed', 'x-request-id']

/**
 * Lets pages of these origins call from a browser, without credentials. A preflight is answered before routing; any other
 * OPTIONS request is 405.
 */
export const crossOrigin = (origins: readonly string[]): RequestHandler => {
  const allow = cors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH'],
    exposedHeaders,
    credentials: false,
    maxAge: 600,
  })
  return (request, response, next) => {
    const isPreflight = request.headers['access-control-request-method'] !== undefined
    if (request.method === 'OPTIONS' && !isPreflight) next()
    else allow(request, response, next)
  }
}
