import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'

/** One request and what is known of it so far, for its answer, the log and the metrics. */
export interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly requestId: string
  readonly startedAt: number
  readonly path: string
  readonly query: string
  /** The pattern of the route, once it is found. */
  route: string
  /** Once it is known. */
  caller: string | undefined
}

const sane = /^[A-Za-z0-9_.:-]{1,128}$/

/** What a request asks for, without the scheme and the host that a client may name as well. (RFC 9112, 3.2.2) */
export const originForm = (target: string): string => {
  if (target.startsWith('/')) return target
  const rest = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`
}

/** The target as it was sent: neither decoded nor tidied up, so that only an exact path matches. */
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
    requestId: typeof given === 'string' && sane.test(given) ? given : randomUUID(),
    startedAt: performance.now(),
    ...targetOf(request.url),
    route: 'unmatched',
    caller: undefined,
  }
}
