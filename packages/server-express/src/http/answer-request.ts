import { readBody } from './body.js'
import { refuseCrossSite } from './cross-site.js'
import type { Exchange } from './exchange.js'
import type { Caller, HttpDeps } from './http-deps.js'
import { checkKey, KeysInUse } from './idempotency.js'
import { invalid, type Problem, RequestRefused, refuse, unauthenticated } from './problem.js'
import { type RateLimit, rateLimitOf } from './rate-limit.js'
import type { Reply } from './reply.js'
import type { Route } from './route.js'
import { allowedMethods, type Match, makeRouter } from './router.js'
import { type Shape, shapeOf } from './shape.js'
import { isFromThisMachine } from './this-machine.js'

const nobody: Caller = { userId: 'anonymous', isAdministrator: false }

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
  const { authenticator, auth, localOnly = false } = deps
  const findPlace = makeRouter(routes)
  const countWrite: RateLimit = rateLimitOf(deps.rateLimit, deps.counts)
  const keys = new KeysInUse()

  const routeOf = (exchange: Exchange): { readonly route: Route; readonly match: Match } => {
    const match = findPlace(exchange.path)
    if (!match)
      throw isDecodable(exchange.path) ? refuse('NOT_FOUND') : invalid([{ path: '', message: 'malformed path' }])
    exchange.route = match.place.path
    const { method } = exchange.request
    const route = match.place.routes.get(method === 'HEAD' ? 'GET' : method)
    if (route?.isThere?.(exchange.request, deps) === false) throw refuse('NOT_FOUND')
    if (!route) throw refuse('METHOD_NOT_ALLOWED', { allow: allowedMethods(match.place) })
    return { route, match }
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
    shape: Shape,
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

  return async (exchange) => {
    const { request, response } = exchange
    const { route, match } = routeOf(exchange)
    const writes = route.method !== 'GET'
    if (writes) refuseCrossSite(request)
    const sentBody = writes ? await readBody(request) : undefined
    const caller = await callerOf(route, request)
    if (route.access !== 'public') exchange.caller = caller.userId
    const header = request.headers['idempotency-key']
    const key = route.method === 'POST' && typeof header === 'string' ? header : undefined
    const shape = shapeOf(route, match, exchange.query, sentBody, checkKey(key))
    const named = route.userOf?.(shape)
    const name = nameOf(caller, named)
    if (route.access !== 'public') exchange.caller = name
    authorise(route, caller, named)
    if (writes) await countWrite(request, response, name)
    return run(route, request, shape, caller, key, name)
  }
}
