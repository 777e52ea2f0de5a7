import type { CallContext } from '@shop/core'
import { type Caller, holdsScope } from './caller.js'
import { enterShop } from './enter-shop.js'
import type { Exchange } from './exchange.js'
import { handlersOf, runHandlers } from './host-routes.js'
import type { StageDeps } from './http-deps.js'
import { InFlightKeys } from './in-flight-keys.js'
import { checkKey, type ParsedRequest, parseRequest, readBody, refuseCrossSite } from './parse-request.js'
import { invalid, type Problem, problemOf, RequestRefused, refuse, unauthenticated, unavailableNow } from './problem.js'
import { type CountName, type RateLimits, rateLimitsOf } from './rate-limit.js'
import type { Reply } from './reply.js'
import { RequestAborted, throwIfAborted } from './request-aborted.js'
import { contextFor } from './request-shop.js'
import type { Route, RouteCall } from './route.js'
import { healthRoutes } from './routes/health.js'
import { isOfShop, type ShopVisit, type Tenants } from './tenants.js'
import { isFromThisMachine } from './this-machine.js'
import { UnderWay } from './under-way.js'

/** How a request ends: with a reply, with a problem, or with what a handler of the host has answered. */
export interface Answered {
  readonly answer: Reply | Problem | 'by-host'
  /** The user on whose behalf the request was, if known. */
  readonly userId: string | undefined
  /** The shop that was asked, on a server of many. */
  readonly shopId?: string | undefined
}

/** What goes with the call of a route, beside its parsed parts. */
export interface RunOptions {
  /** The shop of the call, on a server of many. */
  readonly visit: ShopVisit | undefined
  /** What guards know of the request. */
  readonly context: CallContext | undefined
}

/** Runs a route for a request that the stages before have let pass. */
export type RunRoute = (route: Route, call: RouteCall, options: RunOptions) => Promise<Reply | Problem>

/** What is known of a request so far, also if a stage refuses it. */
interface Progress {
  /** The authenticated caller. */
  known?: Caller
  userId?: string | undefined
  /** The shop that the request is in, on a server of many. */
  visit?: ShopVisit
}

const nobody: Caller = { userId: 'anonymous', isAdministrator: false }

/** Monitoring is answered under any load. */
export const isAboutProcess = (route: Route): boolean => healthRoutes.includes(route)

const challenge = (authorization: string | undefined): string =>
  authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"'

const notFromHere = () =>
  new RequestRefused({
    code: 'FORBIDDEN',
    detail: {
      en: 'Authentication is off. The server answers only requests to localhost from this machine, without a proxy.',
      ko: '인증이 꺼져 있어 프록시를 거치지 않고 localhost로 보낸 요청에만 응답합니다',
    },
  })

const authorise = (route: Route, caller: Caller, named: string | undefined): void => {
  const { access, scope, userOf, isUserOptional = false } = route
  if (caller.isAdministrator || access === 'public' || holdsScope(caller, scope)) return
  if (access === 'administrator') throw refuse('FORBIDDEN')
  if (userOf && !isUserOptional && named === undefined) throw invalid([{ path: 'userId', message: 'is required' }])
  if (named !== undefined && named !== caller.userId) throw refuse('FORBIDDEN')
}

/** What the stages have found out about a request that they let pass. */
interface Admitted {
  readonly parsed: ParsedRequest
  readonly caller: Caller
  /** The user that the request names. */
  readonly named: string | undefined
  readonly key: string | undefined
  readonly userId: string | undefined
}

/**
 * Answers a request that the router has matched. The stages run in the documented order; each throws its refusal:
 *
 *   read the body    413, 415
 *   authenticate     401
 *   find the shop    403, 404, 503: on a server of many shops
 *   validate         400
 *   authorise        403
 *   limit            429
 *   context          what guards know of the request
 *   handle           the host's middleware, then the shop
 */
export const stagesOf = (
  deps: StageDeps,
  routes: readonly Route[],
  runRoute: RunRoute,
): ((route: Route, exchange: Exchange) => Promise<Answered>) => {
  const { authenticator, auth, localOnly = false, host = {}, context: contextOf } = deps
  // Behind a gateway that authenticates, every caller is an administrator.
  const perMinute = auth === 'off' ? 0 : deps.rateLimit
  const now = rateLimitsOf(perMinute, { writes: deps.counts, reads: deps.readCounts })
  const { inFlightKeys: keys = new InFlightKeys() } = deps
  const { tenants } = deps
  let hasWarned = false

  const ownHandlers = new Map(
    routes.flatMap((route) => {
      const handlers = handlersOf(host, route)
      return handlers.length > 0 ? [[route, handlers] as const] : []
    }),
  )

  const authenticate = async ({ access }: Route, request: Exchange['request']): Promise<Caller> => {
    if (access === 'public') return nobody
    if (localOnly && !isFromThisMachine(request)) throw notFromHere()
    const caller = await authenticator.authenticate(request)
    if (!caller) throw unauthenticated(challenge(request.headers.authorization))
    return caller
  }

  const enter = (shops: Tenants, { access }: Route, request: Exchange['request'], caller: Caller) =>
    enterShop(shops, request, {
      caller: access === 'public' || auth === 'off' ? undefined : caller,
      authenticate: auth === 'off' ? undefined : () => authenticator.authenticate(request),
      challenge: challenge(request.headers.authorization),
    })

  /** Behind a proxy that is not trusted, all callers share the address of that proxy. */
  const warnOfProxy = ({ app, headers }: Exchange['request']): void => {
    if (hasWarned || perMinute === 0 || headers['x-forwarded-for'] === undefined || app.get('trust proxy')) return
    hasWarned = true
    deps.logger.warn('X-Forwarded-For is present and no proxy is trusted: all callers behind a proxy share one limit')
  }

  /** Administrators are not counted, and neither are reads of a known user. */
  const limitFor = (route: Route, { request }: Exchange, { known: caller }: Progress): CountName | undefined => {
    if (caller?.isAdministrator) return undefined
    warnOfProxy(request)
    if (route.method !== 'GET') return 'writes'
    return caller || !isOfShop(route) ? undefined : 'reads'
  }

  const limit = async (route: Route, exchange: Exchange, progress: Progress, limits: RateLimits = now) => {
    const name = limitFor(route, exchange, progress)
    const { request, response } = exchange
    return name && limits[name](request, response, progress.known?.userId, progress.visit?.shopId)
  }

  /** With authentication off, a caller is known only by the user that the request names. */
  const userIdOf = (caller: Caller, named: string | undefined): string | undefined =>
    auth === 'off' ? named : caller.userId

  const admit = async (route: Route, exchange: Exchange, progress: Progress): Promise<Admitted> => {
    const { request } = exchange
    const writes = route.method !== 'GET'
    if (writes) refuseCrossSite(request)
    const body = writes ? await readBody(request) : undefined
    const caller = await authenticate(route, request)
    if (route.access !== 'public') Object.assign(progress, { known: caller, userId: caller.userId })
    if (tenants && isOfShop(route)) progress.visit = await enter(tenants, route, request, caller)
    const header = request.headers['idempotency-key']
    const sentKey = route.method === 'POST' && typeof header === 'string' ? header : undefined
    const sent = { params: request.params, query: exchange.query, body, errors: checkKey(sentKey) }
    const parsed = parseRequest(route, sent)
    const named = route.userOf?.(parsed)
    authorise(route, caller, named)
    return { parsed, caller, named, key: route.isKeyed ? sentKey : undefined, userId: userIdOf(caller, named) }
  }

  const handle = async (
    route: Route,
    { request, response }: Exchange,
    { parsed: { params, query, body, sent }, caller, named, key, userId }: Admitted,
    visit: ShopVisit | undefined,
  ): Promise<Answered['answer']> => {
    const scope = userId ?? nobody.userId
    const idempotency = key === undefined ? undefined : { scope, key, request: sent }
    const call = { request, params, query, body, caller, idempotency }
    const handlers = ownHandlers.get(route)
    const run = async () => {
      const context =
        contextOf && route.runs
          ? await contextFor(contextOf, request, caller, { userId: named, shopId: visit?.shopId, params, body })
          : undefined
      if (handlers) {
        const { shopId } = visit ?? {}
        request.shop = { caller, shopId, params: params as Record<string, string>, query, body, idempotency, context }
        const isPassedOn = await runHandlers(handlers, request, response)
        if (!isPassedOn || response.headersSent) return 'by-host'
      }
      return runRoute(route, call, { visit, context })
    }
    const unlessAborted = () => {
      throwIfAborted(request)
      return run()
    }
    const inTurn = visit ? () => visit.inTurn(unlessAborted) : run
    return key === undefined ? inTurn() : keys.hold(visit ? `${visit.shopId} ${scope}` : scope, key, inTurn)
  }

  const answer = async (route: Route, exchange: Exchange): Promise<Answered> => {
    const progress: Progress = {}
    try {
      const admitted = await admit(route, exchange, progress).catch(async (refused: unknown) => {
        const limited = await limit(route, exchange, progress)
        // A known caller is first told what is wrong with the request.
        throw limited && !progress.known && refused instanceof RequestRefused ? limited : refused
      })
      if (route.access !== 'public') progress.userId = admitted.userId
      const limited = await limit(route, exchange, progress, route.runWithoutShop ? now : deps.limitsOfRuns)
      if (limited) throw limited
      throwIfAborted(exchange.request)
      const answer = await handle(route, exchange, admitted, progress.visit)
      return { answer, userId: progress.userId, shopId: progress.visit?.shopId }
    } catch (error) {
      if (error instanceof RequestAborted) throw error
      return { answer: problemOf(error), userId: progress.userId, shopId: progress.visit?.shopId }
    } finally {
      progress.visit?.leave()
    }
  }

  const underWay = new UnderWay(deps.maxUnderWay)
  return async (route, exchange) => {
    if (isAboutProcess(route)) return answer(route, exchange)
    if (!underWay.enter(route)) return { answer: unavailableNow, userId: undefined }
    try {
      return await answer(route, exchange)
    } finally {
      underWay.leave(route)
    }
  }
}
