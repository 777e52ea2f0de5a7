import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express'
import { decodePercent } from '../util/percent-encoding.js'
import { cachedFor } from './cached-for.js'
import { checkCommandRoutes } from './check-command-routes.js'
import { checkDeclared } from './check-problems.js'
import { CodeAttempts } from './code-attempts.js'
import { crossOrigin } from './cross-origin.js'
import { partsAmong } from './enter-shop.js'
import { beginExchange, originForm, pathOf } from './exchange.js'
import { waitForTurn } from './express-server.js'
import { checkNames, type HostRoutes, isKept } from './host-routes.js'
import type { HttpDeps, RouteDeps, StageDeps } from './http-deps.js'
import { LiveProducts, liveConnectionsOf } from './live/live-products.js'
import { invalid, known, problemOf, refusalOfParser, refuse } from './problem.js'
import { problemTable } from './problem-table.js'
import { RequestAborted } from './request-aborted.js'
import { requestShop } from './request-shop.js'
import { responder } from './respond.js'
import type { Route } from './route.js'
import { makeRoutes } from './route-table.js'
import { routeOf } from './routes-of-commands.js'
import type { SecurityHeaders } from './security-headers.js'
import { type Answered, type RunRoute, stagesOf } from './stages.js'

/** Metrics are rendered at most once in this time, however many scrapers there are. */
const metricsMs = 1_000

const isDecodable = (path: string): boolean => decodePercent(path) !== undefined

/**
 * HTTP/1.1 requires exactly one `Host`, because a proxy and a server that read two may each take another one. Node
 * keeps the first. Requests of adapters, for example of AWS Lambda, have no raw headers. (RFC 9112, 3.2)
 */
const hasRightHost = ({ headers, rawHeaders, httpVersion }: Request): boolean => {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts < 2 && (headers.host !== undefined || httpVersion !== '1.1')
}

/**
 * Express decodes path parameters while it routes, before the caller is known. A path that cannot be decoded is escaped
 * once more: it routes as every other path, and validation refuses it after authentication.
 */
const escapeUndecodable = (request: Request): void => {
  const path = pathOf(request.url)
  if (path.includes('%') && !isDecodable(path))
    request.url = path.replaceAll('%', '%25') + request.url.slice(path.length)
}

/** Each handler of a router costs time for every request: these two are one. */
const prepare: RequestHandler = (request, _response, next) => {
  escapeUndecodable(request)
  next(hasRightHost(request) ? undefined : invalid([{ path: 'Host', message: 'must be sent once' }]))
}

const methodsOf = ({ method }: Route): readonly string[] => (method === 'GET' ? ['GET', 'HEAD'] : [method])

const expressPath = ({ path }: Route): string => path.replace(/\{(\w+)\}/g, ':$1')

const absent: Answered = { answer: { code: 'NOT_FOUND' }, userId: undefined }

/** The error behind an answer that is INTERNAL. */
const bugIn = ({ answer }: Answered): unknown =>
  answer !== 'by-host' && 'code' in answer && answer.code === 'INTERNAL' ? answer.cause : undefined

const registrations = { GET: 'get', POST: 'post', PATCH: 'patch' } as const

interface RouterOptions extends Pick<HostRoutes, 'notFound' | 'errors'> {
  readonly security: SecurityHeaders
}

/** The routers of one shop, and its live streams. */
export interface Routers {
  routerWith(options: RouterOptions): Router
  readonly live: Pick<LiveProducts, 'size'>
  /** What the routes work with. */
  readonly deps: RouteDeps
  readonly routes: readonly Route[]
}

/**
 * Builds routers that answer for one shop, and share what they count. Paths are exact: case and trailing slashes count. A
 * method that a path does not have falls to the next path that matches: `GET /api/balance/charge` is the balance of the
 * user `charge`.
 */
export const routersFor = (given: HttpDeps): Routers => {
  const { shop, metrics, demo, page, logger, chargeAccess, guards, companions, host = {} } = given
  const { commands = [] } = host
  const table = problemTable(given)
  const live = new LiveProducts({
    states: (productIds) => shop.products.states({ productIds }),
    hasRoom: (streams) => streams < liveConnectionsOf(given),
    logger,
    closing: given.readiness.shedding,
  })
  const deps: RouteDeps = {
    ...given,
    problemTable: table,
    codeAttempts: new CodeAttempts(),
    live,
    metrics: {
      onAnswered: (request) => metrics.onAnswered(request),
      render: cachedFor(metricsMs, () => metrics.render()),
    },
  }
  const extras = {
    demo: demo !== undefined,
    signIn: demo?.signIn !== 'elsewhere',
    page: page !== undefined,
    chargeAccess,
    guards,
    companions,
    tenants: given.tenants,
  }
  checkCommandRoutes(makeRoutes(extras, isKept(host)), commands)
  checkDeclared(table, { guards, commands })
  const all = { ...extras, own: commands.map(routeOf) }
  checkNames(makeRoutes(all), host)
  const routes = makeRoutes(all, isKept(host))
  const depsOf = partsAmong(deps)
  const run: RunRoute = (route, call, { visit, context }) => {
    const own = visit ? depsOf(visit) : deps
    return route.run(call, context ? { ...own, shop: requestShop(own.shop, context) } : own)
  }
  return { routerWith: routersOver(deps, routes, run), live, deps, routes }
}

/** Routers for a table of routes, which `run` runs. They share what they count. */
export const routersOver = (deps: StageDeps, routes: readonly Route[], run: RunRoute): Routers['routerWith'] => {
  const { logger, problemTable: table, host = {}, corsOrigins = [] } = deps
  const answer = stagesOf(deps, routes, run)

  /** A client that has left needs no answer. */
  const onAborted = (error: unknown, route: string): void => {
    if (!(error instanceof RequestAborted)) throw error
    logger.debug({ route }, 'aborted')
  }

  const checked = (answered: Answered): Answered => {
    const { answer } = answered
    return answer !== 'by-host' && 'code' in answer ? { ...answered, answer: known(answer, table) } : answered
  }

  return ({ notFound, errors, security }) => {
    const respond = responder(deps, security)

    const refuseRequest = async (request: Request, response: Response, error: unknown) => {
      const exchange = beginExchange(request, response)
      await waitForTurn(request, response)
      respond(exchange, checked({ answer: problemOf(error), userId: undefined }))
    }

    const answerWith =
      (route: Route): RequestHandler =>
      async (request, response, next) => {
        const exchange = beginExchange(request, response, route.path)
        try {
          await waitForTurn(request, response)
          const isAbsent = route.isAvailable?.(request, deps) === false
          const answered = isAbsent ? absent : checked(await answer(route, exchange))
          const bug = errors === 'next' ? bugIn(answered) : undefined
          if (bug === undefined) respond(exchange, answered)
          else next(bug)
        } catch (error) {
          onAborted(error, route.path)
        }
      }

    const allowed = new WeakMap<Request, Set<string>>()
    const noteMethods =
      (methods: readonly string[]): RequestHandler =>
      (request, _response, next) => {
        allowed.set(request, new Set([...(allowed.get(request) ?? []), ...methods]))
        next()
      }

    const unmatched: RequestHandler = async (request, response, next) => {
      const methods = allowed.get(request)
      if (!methods && notFound === 'next') {
        request.url = request.originalUrl.slice(request.baseUrl.length) || '/'
        next()
        return
      }
      const isReadable = isDecodable(pathOf(originForm(request.originalUrl)))
      const missing = isReadable ? refuse('NOT_FOUND') : invalid([{ path: '', message: 'malformed path' }])
      const refusal = methods ? refuse('METHOD_NOT_ALLOWED', { allow: [...methods].join(', ') }) : missing
      await refuseRequest(request, response, refusal).catch((error) => onAborted(error, 'unmatched'))
    }

    const onError: ErrorRequestHandler = (thrown, request, response, next) => {
      const error = refusalOfParser(thrown)
      if (response.headersSent || (errors === 'next' && problemOf(error).code === 'INTERNAL')) next(error)
      else refuseRequest(request, response, error).catch((again) => onAborted(again, 'unmatched'))
    }

    const router = express.Router({ caseSensitive: true, strict: true })
    if (corsOrigins.length > 0) router.use(crossOrigin(corsOrigins))
    router.use(prepare, ...(host.before ?? []))
    for (const route of routes) router[registrations[route.method]](expressPath(route), answerWith(route))
    for (const path of new Set(routes.map(expressPath))) {
      const methods = routes.filter((route) => expressPath(route) === path).flatMap(methodsOf)
      router.all(path, noteMethods(methods))
    }
    router.use(unmatched, onError)
    return router
  }
}
