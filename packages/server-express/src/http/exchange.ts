import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'

/** One request and response, with the facts that response, log and metrics need. */
export interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly requestId: string
  readonly startedAt: number
  readonly path: string
  readonly query: string
  /** The pattern of the route. `unmatched` until the route is found. */
  route: string
  /** The user id of the caller. Undefined until the caller is authenticated. */
  caller: string | undefined
}

const validRequestId = /^[A-Za-z0-9_.:-]{1,128}$/

/** The request target without scheme and host, which a client may send as well (RFC 9112, 3.2.2). */
export const originForm = (target: string): string => {
  if (target.startsWith('/')) return target
  const rest = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`
}

/** The target as sent, neither decoded nor normalised: only an exact path matches a route. */
const targetOf = (url: string): { readonly path: string; readonly query: string } => {
  const target = originForm(url)
  const end = target.indexOf('?')
  return end < 0 ? { path: target, query: '' } : { path: target.slice(0, end), query: target.slice(end + 1) }
}

export const beginExchange = (request: Request, response: Response): Exchange => {
  const given = request.headers['x-request-id']
  return {
    request,
    response,
    requestId: typeof given === 'string' && validRequestId.test(given) ? given : randomUUID(),
    startedAt: performance.now(),
    ...targetOf(request.url),
    route: 'unmatched',
    caller: undefined,
  }
}
