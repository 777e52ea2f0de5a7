import { readBody } from './body.js'
import { refuseCrossSite } from './cross-site.js'
import type { Exchange } from './exchange.js'
import type { Caller, HttpDeps } from './http-deps.js'
import { checkKey, InFlightKeys } from './idempotency.js'
import { type ParsedRequest, parseRequest, type RouteMatch } from './parse-request.js'
import { invalid, type Problem, RequestRefused, refuse, unauthenticated } from './problem.js'
import { rateLimitOf } from './rate-limit.js'
import type { Reply } from './reply.js'
import { throwIfAborted } from './request-aborted.js'
import type { Route } from './route.js'
import { allowedMethods, makeRouter, nodeFor, type RouteNode } from './router.js'
import { healthRoutes } from './routes/health.js'
import { isFromThisMachine } from './this-machine.js'

/** One page view takes several reads, and several people may share one address. */
const readsPerWrite = 10

const anonymous: Caller = { userId: 'anonymous', isAdministrator: false }

/** Health and metrics routes are exempt from the concurrency limit: monitoring must work under overload. */
const isMonitoring = (route: Route): boolean => healthRoutes.includes(route)

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

const localOnlyRefusal = () =>
  new RequestRefused({
    code: 'FORBIDDEN',
    detail: {
      en: 'Authentication is off, so the server accepts only requests from this machine, sent to localhost and not through a proxy.',
      ko: '인증이 비활성화되어 있어, 프록시를 거치지 않고 localhost로 보낸 요청만 허용합니다',
    },
  })

const authorise = (route: Route, caller: Caller, named: string | undefined): void => {
  if (caller.isAdministrator || route.access === 'public') return
  if (route.access === 'administrator') throw refuse('FORBIDDEN')
  if (route.userOf && named === undefined) throw invalid([{ path: 'userId', message: 'is required' }])
  if (named !== undefined && named !== caller.userId) throw refuse('FORBIDDEN')
}

/** Handles one request, or throws its refusal, in the documented order of checks. */
export const requestHandler = (
  deps: HttpDeps,
  routes: readonly Route[],
): ((exchange: Exchange) => Promise<Reply | Problem>) => {
  const { authenticator, auth, localOnly = false, maxUnderWay: maxConcurrent = 5_000 } = deps
  const findNodes = makeRouter(routes)
  // Behind a gateway that authenticates, every caller is an administrator.
  const perMinute = auth === 'off' ? 0 : deps.rateLimit
  const countWrite = rateLimitOf(perMinute, { store: deps.counts, headers: true })
  const countRead = rateLimitOf(perMinute * readsPerWrite, { headers: false })
  let hasWarned = false
  const keys = new InFlightKeys()

  const matchRoute = (exchange: Exchange): RouteMatch => {
    const match = findNodes(exchange.path)
    if (!match)
      throw isDecodable(exchange.path) ? refuse('NOT_FOUND') : invalid([{ path: '', message: 'malformed path' }])
    const method = exchange.request.method === 'HEAD' ? 'GET' : exchange.request.method
    const node = nodeFor(match, method) ?? (match.nodes[0] as RouteNode)
    exchange.route = node.path
    const route = node.routes.get(method)
    if (route?.isAvailable?.(exchange.request, deps) === false) throw refuse('NOT_FOUND')
    if (!route) throw refuse('METHOD_NOT_ALLOWED', { allow: allowedMethods(match) })
    return { route, node, segments: match.segments }
  }

  const callerOf = async ({ access }: Route, request: Exchange['request']): Promise<Caller> => {
    if (access === 'public') return anonymous
    if (localOnly && !isFromThisMachine(request)) throw localOnlyRefusal()
    const { authorization } = request.headers
    const caller = await authenticator.authenticate(authorization)
    if (!caller) throw unauthenticated(challenge(authorization))
    return caller
  }

  /** With authentication off, the only known user is the one that the request names. */
  const nameOf = (caller: Caller, named: string | undefined): string | undefined =>
    auth === 'off' ? named : caller.userId

  const run = (
    route: Route,
    request: Exchange['request'],
    parsed: ParsedRequest,
    caller: Caller,
    key: string | undefined,
    name: string | undefined,
  ) => {
    const { params, query, body, sent } = parsed
    if (key === undefined) return route.run({ request, params, query, body, caller, idempotency: undefined }, deps)
    const scope = name ?? anonymous.userId
    const idempotency = { scope, key, request: sent }
    return keys.hold(scope, key, () => route.run({ request, params, query, body, caller, idempotency }, deps))
  }

  /** Behind an untrusted proxy, all callers appear to share the address of the proxy. */
  const warnOfProxy = ({ headers }: Exchange['request']): void => {
    if (hasWarned || perMinute === 0 || deps.trustProxy > 0 || headers['x-forwarded-for'] === undefined) return
    hasWarned = true
    deps.logger.warn(
      'X-Forwarded-For is present but SHOP_TRUST_PROXY is 0: rate limits count all clients of a proxy as one caller',
    )
  }

  /**
   * Returns RATE_LIMITED if the limit is exceeded. Administrators are exempt, and so are reads by authenticated
   * callers.
   */
  const count = async ({ method, path }: Route, { request, response }: Exchange, caller: Caller | undefined) => {
    if (caller?.isAdministrator) return undefined
    warnOfProxy(request)
    if (method !== 'GET') return countWrite(request, response, caller?.userId)
    return caller || !path.startsWith('/api/') ? undefined : countRead(request, response, undefined)
  }

  /** All checks before the shop is called. Calls `onIdentified` as soon as the caller is known. */
  const check = async (found: RouteMatch, exchange: Exchange, onIdentified: (caller: Caller) => void) => {
    const { request } = exchange
    const { route } = found
    const writes = route.method !== 'GET'
    if (writes) refuseCrossSite(request)
    const sentBody = writes ? await readBody(request) : undefined
    const caller = await callerOf(route, request)
    if (route.access !== 'public') {
      exchange.caller = caller.userId
      onIdentified(caller)
    }
    const header = request.headers['idempotency-key']
    const key = route.method === 'POST' && typeof header === 'string' ? header : undefined
    const parsed = parseRequest(found, exchange.query, sentBody, checkKey(key))
    const named = route.userOf?.(parsed)
    const name = nameOf(caller, named)
    if (route.access !== 'public') exchange.caller = name
    authorise(route, caller, named)
    return { parsed, caller, key, name }
  }

  const handle = async (exchange: Exchange, found: RouteMatch): Promise<Reply | Problem> => {
    const { route } = found
    let known: Caller | undefined
    const checked = await check(found, exchange, (caller) => {
      known = caller
    }).catch(async (refused: unknown) => {
      const limited = await count(route, exchange, known)
      // An authenticated caller sees the fault of the request first, not the rate limit.
      throw limited && !known && refused instanceof RequestRefused ? limited : refused
    })
    const limited = await count(route, exchange, known)
    if (limited) throw limited
    throwIfAborted(exchange.request)
    return run(route, exchange.request, checked.parsed, checked.caller, checked.key, checked.name)
  }

  // Reads and writes are limited separately: slow request bodies hold up writes, never reads.
  const inFlight = { reads: 0, writes: 0 }
  return async (exchange) => {
    const found = matchRoute(exchange)
    if (isMonitoring(found.route)) return handle(exchange, found)
    const kind = found.route.method === 'GET' ? 'reads' : 'writes'
    if (inFlight[kind] >= maxConcurrent) throw refuse('UNAVAILABLE', { 'retry-after': '1' })
    inFlight[kind] += 1
    try {
      return await handle(exchange, found)
    } finally {
      inFlight[kind] -= 1
    }
  }
}
