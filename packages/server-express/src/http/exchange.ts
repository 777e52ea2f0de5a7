import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'

/** One request, with what identifies it in its answer, in the log and in the metrics. */
export interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly requestId: string
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number
  /** The path as sent, neither decoded nor normalised, with the prefix of a host. */
  readonly path: string
  /** The query as sent, without `?`. */
  readonly query: string
  /** The pattern of the route, or `unmatched`. */
  readonly route: string
}

const validRequestId = /^[A-Za-z0-9_.:-]{1,128}$/

/** The target of a request without a scheme and a host, which a client may send as well. (RFC 9112, 3.2.2) */
export const originForm = (target: string): string => {
  if (target.startsWith('/')) return target
  const rest = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`
}

export const pathOf = (target: string): string => {
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}

export const beginExchange = (request: Request, response: Response, route = 'unmatched'): Exchange => {
  const given = request.headers['x-request-id']
  const target = originForm(request.originalUrl)
  const path = pathOf(target)
  return {
    request,
    response,
    requestId: typeof given === 'string' && validRequestId.test(given) ? given : randomUUID(),
    startedAt: performance.now(),
    path,
    query: target.slice(path.length + 1),
    route,
  }
}
