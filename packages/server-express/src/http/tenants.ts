import { isId } from '@shop/core'
import type { Request } from 'express'
import type { Caller } from './caller.js'
import type { RouteDeps } from './http-deps.js'
import { refuse, unauthenticated } from './problem.js'

/** The parts of a server that each of its shops has for itself. */
export type ShopParts = Pick<RouteDeps, 'shop' | 'agreement' | 'codeAttempts' | 'live'>

/** One request's stay in its shop, which cannot close meanwhile. */
export interface ShopVisit {
  readonly shopId: string
  /** Take the place of the server's own. The same object for every visit until the shop closes. */
  readonly parts: ShopParts
  /**
   * Runs work when it is the shop's turn. Shops take turns, so that a rush in one leaves room for the others.
   * @throws ShopUnavailable if too many requests of the shop wait
   */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** Must be called once, when the request has been answered. */
  leave(): void
}

/** The shops of a server, as its HTTP interface sees them. */
export interface Tenants {
  /** Whether only a token names the shop: then every request needs one, also to public routes. */
  readonly areNamedByToken: boolean
  /** The id that a request names beside its token; undefined if it names none. It may be no id, or of no shop. */
  nameIn(request: Request): string | undefined
  /**
   * Opens a shop if it is not open.
   * @throws RequestRefused SHOP_NOT_FOUND
   * @throws ShopUnavailable if its database or its location is away
   */
  visit(shopId: string): Promise<ShopVisit>
}

/** Shops exist under this path. Every other path is about the process. */
export const isOfShop = ({ path }: { readonly path: string }): boolean => path.startsWith('/api/')

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
 * @throws RequestRefused UNAUTHENTICATED | SHOP_NOT_FOUND (the request names no id) | FORBIDDEN (the token is of another
 * shop) | SHOP_NOT_FOUND, in this order
 */
export const enterShop = async (tenants: Tenants, request: Request, entering: EnteringCaller): Promise<ShopVisit> => {
  const caller = entering.caller ?? (await bearerOf(tenants, request, entering))
  const shopId = tenants.areNamedByToken ? caller?.shopId : tenants.nameIn(request)
  if (tenants.areNamedByToken && shopId === undefined) throw refuse('FORBIDDEN')
  if (!isId(shopId)) throw refuse('SHOP_NOT_FOUND')
  if (caller && caller.shopId !== shopId) throw refuse('FORBIDDEN')
  return tenants.visit(shopId)
}
