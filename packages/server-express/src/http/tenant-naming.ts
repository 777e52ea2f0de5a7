import type { Request } from 'express'

/**
 * How a request names its shop. However it does, a token must carry the id of the shop that answers: the claim `claim` of a
 * JWT, or `shopId` of what `authenticate` returns. The token of another shop gets 403 FORBIDDEN on every route, also an
 * administrator's. Authentication that is off checks no token: then the gateway decides who may name which shop.
 */
export type TenantNaming =
  /** By the token alone. Public routes need a token as well. Not with `auth: 'off'`. */
  | { readonly from: 'claim'; readonly claim?: string | undefined }
  /** By a header that a trusted proxy sets: `trustProxy` must be at least 1, and the proxy must remove what clients send. */
  | { readonly from: 'header'; readonly header?: string | undefined; readonly claim?: string | undefined }
  /**
   * By the host name: `books.shops.example` with `domain: 'shops.example'`, or what `hosts` says, in lower case. With
   * `trustProxy`, it is the first name in `X-Forwarded-Host`, if there is one: the proxy must set that header or remove it.
   */
  | {
      readonly from: 'host'
      readonly domain?: string | undefined
      readonly hosts?: Readonly<Record<string, string>> | undefined
      readonly claim?: string | undefined
    }

/** The claim that names the shop, and the header that does. */
export const defaultNames = { claim: 'shop', header: 'x-shop-id' } as const

/** The label of a host name under a domain: `books` of `books.shops.example`. */
const labelUnder = (host: string, domain: string): string | undefined => {
  const end = `.${domain}`
  const label = host.endsWith(end) ? host.slice(0, -end.length) : ''
  return label === '' || label.includes('.') ? undefined : label
}

/** Reads the id of the shop that a request names beside its token. */
export const nameInRequest = (naming: TenantNaming): ((request: Request) => string | undefined) => {
  if (naming.from === 'claim') return () => undefined
  if (naming.from === 'header') {
    const header = (naming.header ?? defaultNames.header).toLowerCase()
    return ({ headers }) => {
      const value = headers[header]
      return typeof value === 'string' ? value : undefined
    }
  }
  const domain = naming.domain?.toLowerCase()
  const hosts = new Map(Object.entries(naming.hosts ?? {}).map(([host, shopId]) => [host.toLowerCase(), shopId]))
  return ({ hostname = '' }) => {
    const host = hostname.toLowerCase()
    return hosts.get(host) ?? (domain === undefined ? undefined : labelUnder(host, domain))
  }
}
