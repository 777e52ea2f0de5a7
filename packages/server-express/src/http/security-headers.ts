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

export interface SecurityHeaders {
  /** No page may embed the response, and it loads nothing. Headers that only affect pages are omitted. */
  readonly data: Headers
  /** All resources come from this server and none are inline. Works without TLS, too. */
  readonly page: Headers
}

const securityHeaders = (strictTransportSecurity: boolean): SecurityHeaders => ({
  data: headersOf({
    strictTransportSecurity,
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  }),
  page: headersOf({
    strictTransportSecurity,
    contentSecurityPolicy: {
      directives: {
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        upgradeInsecureRequests: null,
      },
    },
  }),
})

export const ownHeaders = securityHeaders(true)

/** Strict-Transport-Security binds the whole domain. In an application of the host, that is the host's decision. */
export const hostedHeaders = securityHeaders(false)
