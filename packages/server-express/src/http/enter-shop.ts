import { isId } from '@shop/core'
import type { Request } from 'express'
import type { Caller } from './caller.js'
import type { RouteDeps } from './http-deps.js'
import { refuse, unauthenticated } from './problem.js'
import type { ShopParts, ShopVisit, Tenants } from './tenants.js'

/** The parts of a shop among those of its server, made once while the shop is open. */
export const partsAmong = (deps: RouteDeps): ((visit: ShopVisit) => RouteDeps) => {
  const known = new WeakMap<ShopParts, RouteDeps>()
  return ({ parts }) => {
    const made = known.get(parts)
    if (made) return made
    const all = { ...deps, ...parts }
    known.set(parts, all)
    return all
  }
}

interface EnteringCaller {
  /** Undefined on public routes, and with authentication off. */
  readonly caller: Caller | undefined
  /** Finds out whose token a request to a public route has. Undefined with authentication off: there are no tokens. */
  readonly authenticate: (() => Promise<Caller | undefined>) | undefined
  /** Goes out as WWW-Authenticate. */
  readonly challenge: string
}

/** The caller of a public route, whose token matters only for the shop that it belongs to. */
const bearerOf = async (tenants: Tenants, request: Request, { authenticate, challenge }: EnteringCaller) => {
  if (!authenticate) return undefined
  if (!tenants.areNamedByToken)
    // Without a valid token, everybody may call a public route.
    return request.headers.authorization === undefined ? undefined : authenticate().catch(() => undefined)
  const bearer = await authenticate()
  if (!bearer) throw unauthenticated(challenge)
  return bearer
}

/**
 * Visits the shop of a request. However it is named, a token opens no other shop than its own.
 * @throws RequestRefused UNAUTHENTICATED | FORBIDDEN (the shop is named by the token, and it names none) | SHOP_NOT_FOUND
 * (the request names no valid id) | FORBIDDEN (the token is of another shop) | SHOP_NOT_FOUND, in this order
 */
export const enterShop = async (tenants: Tenants, request: Request, entering: EnteringCaller): Promise<ShopVisit> => {
  const caller = entering.caller ?? (await bearerOf(tenants, request, entering))
  const shopId = tenants.areNamedByToken ? caller?.shopId : tenants.nameIn(request)
  if (tenants.areNamedByToken && shopId === undefined) throw refuse('FORBIDDEN')
  if (!isId(shopId)) throw refuse('SHOP_NOT_FOUND')
  if (caller && caller.shopId !== shopId) throw refuse('FORBIDDEN')
  return tenants.visit(shopId)
}
