import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet, { type HelmetOptions } from 'helmet'
import type { Headers } from './reply.js'

/** What helmet sets never depends on the request: it is asked once. */
const headersOf = (options: HelmetOptions): Headers => {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, () => {})
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}

/** For data: no page may show it, and it may load nothing. */
export const dataHeaders: Headers = headersOf({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
})

/** For pages: everything from here, also where the server is reached without TLS. */
export const pageHeaders: Headers = headersOf({
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
})
