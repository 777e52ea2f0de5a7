import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { expect } from 'vitest'
import { makeRoutes } from '../../../src/http/route-table.js'
import { problem } from '../../../src/http/schemas/problem.js'
import { tokenFor } from './tokens.js'

export interface RawResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect responses of every shape
  readonly body: any
}

export interface CallOptions {
  /** User whose token is sent. `null` sends no token. @default an administrator */
  readonly as?: string | null
  /** The scopes of that token. @default none, or those of an administrator */
  readonly scope?: string
  readonly body?: unknown
  /** Sent unchanged, instead of `body`. */
  readonly raw?: string | Buffer
  readonly headers?: OutgoingHttpHeaders
}

export type CallShop = (method: string, path: string, options?: CallOptions) => Promise<RawResponse>

const patterns = makeRoutes({ demo: true, page: true }).map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`),
}))

/** The routes whose pattern a path matches, in the order of the table. */
const routesAt = (path: string) => patterns.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route)

/** Checks every JSON response of every test against the schema in the OpenAPI document. */
const expectDocumented = (method: string, path: string, { status, headers, body, text }: RawResponse): void => {
  const type = headers['content-type'] ?? ''
  if (method === 'HEAD') {
    expect(text).toBe('')
    return
  }
  if (type.startsWith('application/problem+json')) {
    problem.parse(body)
    expect(body.status).toBe(status)
    expect(body.requestId).toBe(headers['x-request-id'])
    return
  }
  const route = routesAt(path.split('?')[0] ?? '').find((each) => each.method === method)
  if (!route) throw new Error(`${method} ${path} answered ${status}, but the table has no such route`)
  expect([route.response.status, ...(route.otherStatuses ?? [])]).toContain(status)
  if (type === route.response.alternative?.contentType) return
  if (route.isListed) expect(type.split(';')[0]).toBe(route.response.contentType)
  const parsed = route.response.schema?.safeParse(body)
  if (parsed?.success === false) throw parsed.error
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A client that sends paths, headers and bodies unchanged. */
export const callerOf =
  (port: number): CallShop =>
  async (method, path, { as, scope, body, raw, headers = {} } = {}) => {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const scopes = scope ?? (as === undefined ? 'shop:admin' : '')
    const authorization = as === null ? {} : { authorization: `Bearer ${tokenFor(as ?? 'root', scopes)}` }
    const answer = await new Promise<RawResponse>((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          agent: false,
          headers: {
            ...authorization,
            ...(sent === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parse(text) })
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(sent)
    })
    expectDocumented(method, path, answer)
    return answer
  }

export const allowedAt = (path: string): string => {
  const methods = routesAt(path).flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  return [...new Set(methods)].join(', ')
}
