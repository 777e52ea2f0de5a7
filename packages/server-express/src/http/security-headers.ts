import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet, { type HelmetOptions } from 'helmet'
import type { Headers } from './reply.js'

/** Helmet's headers do not depend on the request, so they are computed once. */
const headersOf = (options: HelmetOptions): Headers => {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, () => {})
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}

/**
 * Headers of data responses: no page may embed them, and they load nothing. Headers that only affect pages are
 * omitted.
 */
export const dataHeaders: Headers = headersOf({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
})

/** Headers of pages: all resources come from this server and none are inline. They also work without TLS. */
export const pageHeaders: Headers = headersOf({
  contentSecurityPolicy: {
    directives: {
      styleSrc: ["'self'"],
      fontSrc: ["'self'"],
      upgradeInsecureRequests: null,
    },
  },
})
