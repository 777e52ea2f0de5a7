import type { ServerResponse } from 'node:http'
import express from 'express'
import { cachedFor } from './cached-for.js'
import { beginExchange, type Exchange } from './exchange.js'
import { requestHandler } from './handle-request.js'
import type { HttpDeps, HttpMetrics } from './http-deps.js'
import { waitForTurn } from './in-turn.js'
import { languageOf } from './language.js'
import { type Problem, problemBody, problemOf } from './problem.js'
import { statusOf } from './problem-codes.js'
import type { Reply } from './reply.js'
import { RequestAborted } from './request-aborted.js'
import { makeRoutes } from './route-table.js'
import { dataHeaders, pageHeaders } from './security-headers.js'

/**
 * A client that does not read its response within this time is disconnected. Until then the response stays in
 * memory.
 */
const maxReadMs = 30_000

const disconnectSlowReader = (response: ServerResponse): void => {
  if (response.writableLength === 0) return
  const timer = setTimeout(() => response.req.socket.destroy(), maxReadMs)
  timer.unref()
  response.once('close', () => clearTimeout(timer))
}

const write = ({ request, response, requestId }: Exchange, reply: Reply): void => {
  const { status, contentType, content, headers, cacheControl = 'no-store' } = reply
  const location = headers?.['location']
  response.writeHead(status, {
    ...(contentType.startsWith('text/html') ? pageHeaders : dataHeaders),
    'content-type': contentType,
    'content-length': Buffer.byteLength(content),
    'cache-control': cacheControl,
    'x-request-id': requestId,
    ...headers,
    ...(location !== undefined && { location: request.baseUrl + location }),
  })
  response.end(content)
  disconnectSlowReader(response)
}

/** Metrics are rendered at most once in this time, even with several scrapers. */
const metricsMs = 1_000

const withCachedText = (metrics: HttpMetrics): HttpMetrics => ({
  onAnswered: (request) => metrics.onAnswered(request),
  render: cachedFor(metricsMs, () => metrics.render()),
})

/**
 * The HTTP interface of a shop as an Express application. Mount it in your own application, or serve it alone.
 * It writes every response itself, errors included, so it needs no body parser and no error handler around it.
 */
export const createApp = (deps: HttpDeps): express.Express => {
  const { logger, demo, page } = deps
  const metrics = withCachedText(deps.metrics)
  const extras = { demo: demo !== undefined, signIn: demo?.signIn !== 'elsewhere', page: page !== undefined }
  const handle = requestHandler({ ...deps, metrics }, makeRoutes(extras))
  const statusFor = statusOf(deps.problemStatus)

  const problemReply = (exchange: Exchange, problem: Problem): Reply => {
    const { request, requestId } = exchange
    const language = languageOf(request.headers['accept-language'])
    const body = problemBody(problem, statusFor, {
      basePath: request.baseUrl,
      path: request.baseUrl + exchange.path,
      requestId,
      language,
    })
    return {
      status: body.status,
      contentType: 'application/problem+json',
      content: JSON.stringify(body),
      headers: {
        'content-language': language,
        vary: 'accept-language',
        ...problem.headers,
        ...(problem.replayed && { 'idempotent-replayed': 'true' }),
      },
    }
  }

  const report = (exchange: Exchange, status: number, problem: Problem | undefined): void => {
    const { request, requestId, startedAt, route, caller } = exchange
    const { method } = request
    const ms = performance.now() - startedAt
    metrics.onAnswered({ method, route, status, code: problem?.code, seconds: ms / 1_000 })
    const usual = route.startsWith('/api/') ? 'info' : 'debug'
    const level = status === 503 ? 'warn' : status >= 500 ? 'error' : usual
    if (!logger.isLevelEnabled(level)) return
    logger[level](
      {
        requestId,
        method,
        route,
        status,
        ms: Math.round(ms * 10) / 10,
        caller,
        code: problem?.code,
        err: problem?.cause,
      },
      'answered',
    )
  }

  const send = (exchange: Exchange, reply: Reply, problem?: Problem): void => {
    write(exchange, reply)
    report(exchange, reply.status, problem)
  }

  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', deps.trustProxy)
  app.use(async (request, response) => {
    const exchange = beginExchange(request, response)
    try {
      await waitForTurn(request, response)
      const outcome = await handle(exchange)
      if ('code' in outcome) send(exchange, problemReply(exchange, outcome), outcome)
      else send(exchange, outcome)
    } catch (error) {
      if (error instanceof RequestAborted) {
        logger.debug({ requestId: exchange.requestId, route: exchange.route }, 'aborted')
        return
      }
      const problem = problemOf(error)
      send(exchange, problemReply(exchange, problem), problem)
    }
  })
  return app
}
