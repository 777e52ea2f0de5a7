import express from 'express'
import { requestAnswerer } from './answer-request.js'
import { RequestAborted } from './body.js'
import { beginExchange, type Exchange } from './exchange.js'
import type { HttpDeps } from './http-deps.js'
import { languageOf } from './language.js'
import { type Problem, problemBody, problemOf } from './problem.js'
import { statusOf } from './problem-codes.js'
import type { Reply } from './reply.js'
import { makeRoutes } from './route-table.js'
import { dataHeaders, pageHeaders } from './security-headers.js'

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
}

/**
 * The HTTP edge of a shop as an Express application: mount it in one of your own, or serve it alone. Every answer, errors
 * included, is its own; it needs no body parser and no error handler around it.
 */
export const createApp = (deps: HttpDeps): express.Express => {
  const { logger, metrics } = deps
  const { demo, page } = deps
  const extras = { demo: demo !== undefined, signIn: demo?.signIn !== 'elsewhere', page: page !== undefined }
  const answer = requestAnswerer(deps, makeRoutes(extras))
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
      const answered = await answer(exchange)
      if ('code' in answered) send(exchange, problemReply(exchange, answered), answered)
      else send(exchange, answered)
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
