import { readBody } from './body.js'
import type { Exchange } from './exchange.js'
import type { Caller, HttpDeps } from './http-deps.js'
import { checkKey, KeysInUse } from './idempotency.js'
import { invalid, type Problem, RequestRefused, refuse } from './problem.js'
import { rateLimitOf } from './rate-limit.js'
import type { Reply } from './reply.js'
import type { Route } from './route.js'
import { allowedMethods, type Match, makeRouter } from './router.js'
import { type Shape, shapeOf } from './shape.js'

/** A page shows what several reads have found, and many people may share an address. */
const readsPerWrite = 10

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
  const { authenticator, auth } = deps
  const findPlace = makeRouter(routes)
  // Behind a gateway that authenticates, every caller is an administrator.
  const perMinute = auth === 'off' ? 0 : deps.rateLimit
  const countWrite = rateLimitOf(perMinute, { store: deps.counts, headers: true })
  const countRead = rateLimitOf(perMinute * readsPerWrite, { headers: false })
  let hasWarned = false
  const keys = new KeysInUse()

  const routeOf = (exchange: Exchange): { readonly route: Route; readonly match: Match } => {
    const match = findPlace(exchange.path)
    if (!match)
      throw isDecodable(exchange.path) ? refuse('NOT_FOUND') : invalid([{ path: '', message: 'malformed path' }])
    exchange.route = match.place.path
    const { method } = exchange.request
    const route = match.place.routes.get(method === 'HEAD' ? 'GET' : method)
    if (!route) throw refuse('METHOD_NOT_ALLOWED', { allow: allowedMethods(match.place) })
    return { route, match }
  }

  const callerOf = async ({ access }: Route, { authorization }: Exchange['request']['headers']): Promise<Caller> => {
    if (access === 'public') return nobody
    const caller = await authenticator.authenticate(authorization)
    if (!caller) throw refuse('UNAUTHENTICATED', { 'www-authenticate': challenge(authorization) })
    return caller
  }

  /** With authentication off nobody is known but whoever the request names. */
  const nameOf = (caller: Caller, named: string | undefined): string | undefined =>
    auth === 'off' ? named : caller.userId

  const run = (route: Route, shape: Shape, caller: Caller, key: string | undefined, name: string | undefined) => {
    const { params, query, body, sent } = shape
    if (key === undefined) return route.run({ params, query, body, caller, idempotency: undefined }, deps)
    const scope = name ?? nobody.userId
    const idempotency = { scope, key, request: sent }
    return keys.hold(scope, key, () => route.run({ params, query, body, caller, idempotency }, deps))
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

  /** Whatever is checked before the shop is asked. `identified` hears who the caller is, once that is known. */
  const check = async (
    { route, match }: ReturnType<typeof routeOf>,
    exchange: Exchange,
    identified: (caller: Caller) => void,
  ) => {
    const { request } = exchange
    const sentBody = route.method === 'GET' ? undefined : await readBody(request)
    const caller = await callerOf(route, request.headers)
    if (route.access !== 'public') {
      exchange.caller = caller.userId
      identified(caller)
    }
    const header = request.headers['idempotency-key']
    const key = route.method === 'POST' && typeof header === 'string' ? header : undefined
    const shape = shapeOf(route, match, exchange.query, sentBody, checkKey(key))
    const named = route.userOf?.(shape)
    const name = nameOf(caller, named)
    if (route.access !== 'public') exchange.caller = name
    authorise(route, caller, named)
    return { shape, caller, key, name }
  }

  return async (exchange) => {
    const found = routeOf(exchange)
    const { route } = found
    let known: Caller | undefined
    const checked = await check(found, exchange, (caller) => {
      known = caller
    }).catch(async (refused: unknown) => {
      const limited = await count(route, exchange, known)
      // Who is known hears first what is wrong with the request.
      throw limited && !known && refused instanceof RequestRefused ? limited : refused
    })
    const limited = await count(route, exchange, known)
    if (limited) throw limited
    return run(route, checked.shape, checked.caller, checked.key, checked.name)
  }
}
