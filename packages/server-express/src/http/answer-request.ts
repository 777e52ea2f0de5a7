import { readBody } from './body.js'
import { refuseCrossSite } from './cross-site.js'
import type { Exchange } from './exchange.js'
import type { Caller, HttpDeps } from './http-deps.js'
import { checkKey, InFlightKeys } from './idempotency.js'
import { invalid, type Problem, RequestRefused, refuse, unauthenticated } from './problem.js'
import { rateLimitOf } from './rate-limit.js'
import type { Reply } from './reply.js'
import { checkPresent } from './request-aborted.js'
import type { Route } from './route.js'
import { allowedMethods, makeRouter, placeFor, type RouteNode } from './router.js'
import { healthRoutes } from './routes/health.js'
import { type Found, type ParsedRequest, shapeOf } from './shape.js'
import { isFromThisMachine } from './this-machine.js'

/** A page shows what several reads have found, and many people may share an address. */
const readsPerWrite = 10

const nobody: Caller = { userId: 'anonymous', isAdministrator: false }

/** Monitoring is answered even when there is too much to do: then above all. */
const isAboutProcess = (route: Route): boolean => healthRoutes.includes(route)

const isDecodable = (path: string): boolean => {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

const challenge = (authorization: string | undefined): string =>
  authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"'

const notFromHere = () =>
  new RequestRefused({
    code: 'FORBIDDEN',
    detail: {
      en: 'Everybody is an administrator here, so only this machine is answered, by the host name localhost and not through a proxy.',
      ko: '인증이 꺼져 있어 프록시를 거치지 않고 localhost로 보낸 요청에만 응답합니다',
    },
  })

const authorise = (route: Route, caller: Caller, named: string | undefined): void => {
  if (caller.isAdministrator || route.access === 'public') return
  if (route.access === 'administrator') throw refuse('FORBIDDEN')
  if (route.userOf && named === undefined) throw invalid([{ path: 'userId', message: 'is required' }])
  if (named !== undefined && named !== caller.userId) throw refuse('FORBIDDEN')
}

/** Answers one request, or throws why not, in the documented order of checks. */
export const requestAnswerer = (
  deps: HttpDeps,
  routes: readonly Route[],
): ((exchange: Exchange) => Promise<Reply | Problem>) => {
  const { authenticator, auth, localOnly = false, maxUnderWay = 5_000 } = deps
  const findPlaces = makeRouter(routes)
  // Behind a gateway that authenticates, every caller is an administrator.
  const perMinute = auth === 'off' ? 0 : deps.rateLimit
  const countWrite = rateLimitOf(perMinute, { store: deps.counts, headers: true })
  const countRead = rateLimitOf(perMinute * readsPerWrite, { headers: false })
  let hasWarned = false
  const keys = new InFlightKeys()

  const routeOf = (exchange: Exchange): Found => {
    const match = findPlaces(exchange.path)
    if (!match)
      throw isDecodable(exchange.path) ? refuse('NOT_FOUND') : invalid([{ path: '', message: 'malformed path' }])
    const method = exchange.request.method === 'HEAD' ? 'GET' : exchange.request.method
    const place = placeFor(match, method) ?? (match.places[0] as RouteNode)
    exchange.route = place.path
    const route = place.routes.get(method)
    if (route?.isThere?.(exchange.request, deps) === false) throw refuse('NOT_FOUND')
    if (!route) throw refuse('METHOD_NOT_ALLOWED', { allow: allowedMethods(match) })
    return { route, place, segments: match.segments }
  }

  const callerOf = async ({ access }: Route, request: Exchange['request']): Promise<Caller> => {
    if (access === 'public') return nobody
    if (localOnly && !isFromThisMachine(request)) throw notFromHere()
    const { authorization } = request.headers
    const caller = await authenticator.authenticate(authorization)
    if (!caller) throw unauthenticated(challenge(authorization))
    return caller
  }

  /** With authentication off nobody is known but whoever the request names. */
  const nameOf = (caller: Caller, named: string | undefined): string | undefined =>
    auth === 'off' ? named : caller.userId

  const run = (
    route: Route,
    request: Exchange['request'],
    shape: ParsedRequest,
    caller: Caller,
    key: string | undefined,
    name: string | undefined,
  ) => {
    const { params, query, body, sent } = shape
    if (key === undefined) return route.run({ request, params, query, body, caller, idempotency: undefined }, deps)
    const scope = name ?? nobody.userId
    const idempotency = { scope, key, request: sent }
    return keys.hold(scope, key, () => route.run({ request, params, query, body, caller, idempotency }, deps))
  }

  /** Behind a proxy that is not trusted, everybody has the address of that proxy. */
  const warnOfProxy = ({ headers }: Exchange['request']): void => {
    if (hasWarned || perMinute === 0 || deps.trustProxy > 0 || headers['x-forwarded-for'] === undefined) return
    hasWarned = true
    deps.logger.warn(
      'X-Forwarded-For is there, SHOP_TRUST_PROXY is 0: limits take all who come by a proxy for one caller',
    )
  }

  /** Answers RATE_LIMITED for one request too many. Free: administrators, and whatever somebody known reads. */
  const count = async ({ method, path }: Route, { request, response }: Exchange, caller: Caller | undefined) => {
    if (caller?.isAdministrator) return undefined
    warnOfProxy(request)
    if (method !== 'GET') return countWrite(request, response, caller?.userId)
    return caller || !path.startsWith('/api/') ? undefined : countRead(request, response, undefined)
  }

  /** All checks before the shop is asked. Calls `identified` as soon as the caller is known. */
  const check = async (found: Found, exchange: Exchange, identified: (caller: Caller) => void) => {
    const { request } = exchange
    const { route } = found
    const writes = route.method !== 'GET'
    if (writes) refuseCrossSite(request)
    const sentBody = writes ? await readBody(request) : undefined
    const caller = await callerOf(route, request)
    if (route.access !== 'public') {
      exchange.caller = caller.userId
      identified(caller)
    }
    const header = request.headers['idempotency-key']
    const key = route.method === 'POST' && typeof header === 'string' ? header : undefined
    const shape = shapeOf(found, exchange.query, sentBody, checkKey(key))
    const named = route.userOf?.(shape)
    const name = nameOf(caller, named)
    if (route.access !== 'public') exchange.caller = name
    authorise(route, caller, named)
    return { shape, caller, key, name }
  }

  const answer = async (exchange: Exchange, found: Found): Promise<Reply | Problem> => {
    const { route } = found
    let known: Caller | undefined
    const checked = await check(found, exchange, (caller) => {
      known = caller
    }).catch(async (refused: unknown) => {
      const limited = await count(route, exchange, known)
      // A known caller is told first what is wrong with the request.
      throw limited && !known && refused instanceof RequestRefused ? limited : refused
    })
    const limited = await count(route, exchange, known)
    if (limited) throw limited
    checkPresent(exchange.request)
    return run(route, exchange.request, checked.shape, checked.caller, checked.key, checked.name)
  }

  // Counted apart: bodies that come slowly are writes, and hold up no reads.
  const underWay = { reads: 0, writes: 0 }
  return async (exchange) => {
    const found = routeOf(exchange)
    if (isAboutProcess(found.route)) return answer(exchange, found)
    const kind = found.route.method === 'GET' ? 'reads' : 'writes'
    if (underWay[kind] >= maxUnderWay) throw refuse('UNAVAILABLE', { 'retry-after': '1' })
    underWay[kind] += 1
    try {
      return await answer(exchange, found)
    } finally {
      underWay[kind] -= 1
    }
  }
}
