import type { Violation } from '@shop/core'
import type { Request } from 'express'
import type { CodeAttempts } from './code-attempts.js'
import type { LiveProducts } from './live/live-products.js'
import type { RequestShop } from './request-shop.js'

/** The parts of a server that each of its shops has for itself. */
export interface ShopParts {
  readonly shop: RequestShop
  /** Finds servers on the same database whose policies differ. Reads the current state. */
  readonly agreement?: { violations(): Promise<readonly Violation[]> } | undefined
  readonly codeAttempts: Pick<CodeAttempts, 'attempt'>
  readonly live: Pick<LiveProducts, 'watch'>
}

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
