import type { CallContext, IdempotencyKey } from '@shop/core'
import type { Request, RequestHandler, Response } from 'express'
import type { Caller } from './caller.js'
import type { CommandRoute } from './command-route.js'

/** What the shop knows of a request once it is authorised: `request.shop` in handlers of the host. */
export interface ShopRequest {
  readonly caller: Caller
  /** The shop of the request, on a server of many shops: `await shops.shop(shopId)` is the shop itself. */
  readonly shopId?: string | undefined
  /** The path parameters by name: ids. */
  readonly params: Readonly<Record<string, string>>
  /** The query, validated, with defaults. */
  readonly query: unknown
  /** The body, validated. */
  readonly body: unknown
  /** To be passed to the shop, so that a retry has one effect. */
  readonly idempotency: IdempotencyKey | undefined
  /** To be passed to the shop, so that guards know of the request; undefined on routes that run no command. */
  readonly context: CallContext | undefined
}

declare global {
  namespace Express {
    interface Request {
      /** Set for handlers in `routes.at` and `routes.replace`. */
      shop?: ShopRequest
    }
  }
}

/** A route of the table: `POST /api/orders`, or with parameters `GET /api/orders/{orderId}`. */
export type RouteName = `${'GET' | 'POST' | 'PATCH'} /${string}`

/** What a host does with the routes of the shop. */
export interface HostRoutes {
  /** Express middleware in front of every route of the shop. */
  readonly before?: readonly RequestHandler[] | undefined
  /** Express middleware of single routes, after authorisation: `request.shop` is set. */
  readonly at?: Readonly<Partial<Record<RouteName, readonly RequestHandler[]>>> | undefined
  /** A handler that answers instead of the shop, after authorisation; `false`: the route does not exist. */
  readonly replace?: Readonly<Partial<Record<RouteName, RequestHandler | false>>> | undefined
  /** Routes of commands of the host's own. */
  readonly commands?: readonly CommandRoute[] | undefined
  /** `next`: requests that no route matches go to the host. @default 'answer', as 404 NOT_FOUND; 'next' for `router` */
  readonly notFound?: 'answer' | 'next' | undefined
  /** `next`: errors that are no refusal go to the host's error handlers. @default 'answer', as 500 INTERNAL */
  readonly errors?: 'answer' | 'next' | undefined
}

interface Named {
  readonly method: string
  readonly path: string
}

const nameOf = ({ method, path }: Named): RouteName => `${method} ${path}` as RouteName

/** Whether the host keeps a route. */
export const isKept =
  ({ replace = {} }: HostRoutes) =>
  (route: Named): boolean =>
    replace[nameOf(route)] !== false

/** The handlers that the host has put before the shop's own, or in its place. */
export const handlersOf = ({ at = {}, replace = {} }: HostRoutes, route: Named): readonly RequestHandler[] => {
  const replacement = replace[nameOf(route)]
  return [...(at[nameOf(route)] ?? []), ...(replacement ? [replacement] : [])]
}

/** @throws TypeError for a name that is no route of the table. */
export const checkNames = (routes: readonly Named[], { at = {}, replace = {} }: HostRoutes): void => {
  const known = new Set(routes.map(nameOf))
  const check = (option: string, names: object) => {
    for (const name of Object.keys(names)) {
      if (!known.has(name as RouteName))
        throw new TypeError(`createServer: routes.${option} names ${name}, which is not a route: see /openapi.json`)
    }
  }
  check('at', at)
  check('replace', replace)
}

/** Runs one handler of the host. Resolves with true if it passes the request on, with false if it has answered. */
const runHandler = (handler: RequestHandler, request: Request, response: Response): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const onClose = () => resolve(false)
    response.once('close', onClose)
    const next = (error?: unknown) => {
      response.off('close', onClose)
      if (error === undefined || error === null || error === 'route') resolve(true)
      else reject(error)
    }
    try {
      Promise.resolve(handler(request, response, next)).catch(next)
    } catch (error) {
      next(error)
    }
  })

/** Runs handlers of the host in their order. Resolves with false as soon as one has answered. */
export const runHandlers = async (
  handlers: readonly RequestHandler[],
  request: Request,
  response: Response,
): Promise<boolean> => {
  for (const handler of handlers) {
    if (!(await runHandler(handler, request, response))) return false
  }
  return true
}
