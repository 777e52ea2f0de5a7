import type { Request } from 'express'
import { defaultNames, type TenantNaming } from './shops-options.js'

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
