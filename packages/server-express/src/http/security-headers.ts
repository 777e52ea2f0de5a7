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

/** For data: no page may show it, and it may load nothing. What only means something to a page is left out. */
export const dataHeaders: Headers = headersOf({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
})

/** For pages: everything from here and nothing inline, also where the server is reached without TLS. */
export const pageHeaders: Headers = headersOf({
  contentSecurityPolicy: {
    directives: {
      styleSrc: ["'self'"],
      fontSrc: ["'self'"],
      upgradeInsecureRequests: null,
    },
  },
})
