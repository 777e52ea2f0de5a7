import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Router } from 'express'
import { beginExchange, originForm, pathOf } from './exchange.js'
import { checkNames, type HostRoutes, isKept } from './host-routes.js'
import type { HttpDeps } from './http-deps.js'
import { itsTurn } from './in-turn.js'
import { invalid, problemOf, RequestRefused, refuse } from './problem.js'
import { RequestAborted } from './request-aborted.js'
import { responder } from './respond.js'
import type { Route } from './route.js'
import { makeRoutes } from './route-table.js'
import { sharedFor } from './shared-for.js'
import { stagesOf } from './stages.js'

/** Metrics are rendered at most once in this time, however many scrapers there are. */
const metricsMs = 1_000

const isDecodable = (path: string): boolean => {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/**
 * Express decodes path parameters while it routes, before the caller is known. A path that cannot be decoded is escaped
 * once more: it routes as every other path, and validation refuses it after authentication.
 */
const escapeUndecodable: RequestHandler = (request, _response, next) => {
  const path = pathOf(request.url)
  if (path.includes('%') && !isDecodable(path))
    request.url = path.replaceAll('%', '%25') + request.url.slice(path.length)
  next()
}

const methodsOf = ({ method }: Route): readonly string[] => (method === 'GET' ? ['GET', 'HEAD'] : [method])

const expressPath = ({ path }: Route): string => path.replace(/\{(\w+)\}/g, ':$1')

const verbs = { GET: 'get', POST: 'post', PATCH: 'patch' } as const

/**
 * The HTTP interface of a shop as a router. Paths are exact: case and trailing slashes count. A method that a path does
 * not have falls to the next path that matches: `GET /api/balance/charge` is the balance of the user `charge`.
 */
export const shopRouter = (given: HttpDeps, onto: Pick<HostRoutes, 'notFound' | 'errors'> = {}): Router => {
  const { metrics, demo, page, host = {} } = given
  const deps: HttpDeps = {
    ...given,
    metrics: {
      onAnswered: (request) => metrics.onAnswered(request),
      render: sharedFor(metricsMs, () => metrics.render()),
    },
  }
  const extras = { demo: demo !== undefined, signIn: demo?.signIn !== 'elsewhere', page: page !== undefined }
  checkNames(makeRoutes(extras), host)
  const routes = makeRoutes(extras, isKept(host))
  const { notFound = host.notFound, errors = host.errors } = onto
  const answer = stagesOf(deps)
  const respond = responder(deps)
  const { logger } = deps

  const refuseRequest = async (request: Request, response: Parameters<RequestHandler>[1], error: unknown) => {
    const exchange = beginExchange(request, response)
    await itsTurn(request, response)
    respond(exchange, { answer: problemOf(error), userId: undefined })
  }

  /** A client that has left needs no answer. */
  const onAborted = (error: unknown, route: string): void => {
    if (!(error instanceof RequestAborted)) throw error
    logger.debug({ route }, 'aborted')
  }

  const answerWith =
    (route: Route): RequestHandler =>
    async (request, response, next) => {
      const exchange = beginExchange(request, response, route.path)
      try {
        await itsTurn(request, response)
        if (route.isThere?.(request, deps) === false) throw refuse('NOT_FOUND')
        const answered = await answer(route, exchange)
        const isBug =
          typeof answered.answer === 'object' && 'code' in answered.answer && answered.answer.code === 'INTERNAL'
        if (isBug && errors === 'next') next((answered.answer as { cause?: unknown }).cause)
        else respond(exchange, answered)
      } catch (error) {
        if (error instanceof RequestRefused) respond(exchange, { answer: problemOf(error), userId: undefined })
        else onAborted(error, route.path)
      }
    }

  const allowed = new WeakMap<Request, Set<string>>()
  const noteMethods =
    (methods: readonly string[]): RequestHandler =>
    (request, _response, next) => {
      const noted = allowed.get(request) ?? new Set()
      for (const method of methods) noted.add(method)
      allowed.set(request, noted)
      next()
    }

  const unmatched: RequestHandler = async (request, response, next) => {
    const methods = allowed.get(request)
    const path = pathOf(originForm(request.originalUrl))
    try {
      if (methods)
        await refuseRequest(request, response, refuse('METHOD_NOT_ALLOWED', { allow: [...methods].join(', ') }))
      else if (notFound === 'next') {
        request.url = request.originalUrl.slice(request.baseUrl.length) || '/'
        next()
      } else {
        const problem = isDecodable(path) ? refuse('NOT_FOUND') : invalid([{ path: '', message: 'malformed path' }])
        await refuseRequest(request, response, problem)
      }
    } catch (error) {
      onAborted(error, 'unmatched')
    }
  }

  const onError: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent || (errors === 'next' && problemOf(error).code === 'INTERNAL')) next(error)
    else refuseRequest(request, response, error).catch((again) => onAborted(again, 'unmatched'))
  }

  const router = express.Router({ caseSensitive: true, strict: true })
  router.use(escapeUndecodable, ...(host.before ?? []))
  for (const route of routes) router[verbs[route.method]](expressPath(route), answerWith(route))
  for (const path of new Set(routes.map(expressPath))) {
    const methods = routes.filter((route) => expressPath(route) === path).flatMap(methodsOf)
    router.all(path, noteMethods(methods))
  }
  router.use(unmatched, onError)
  return router
}
