import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../util/loopback.js'

/** Headers that proxies add to a forwarded request. */
const forwarding =
  /^(via|forwarded|(x-forwarded|x-original|x-envoy|x-amzn|cf)(-.*)?|(.*-)?(real|client|proxyuser|connecting|external)-(ip|address))$/

const withoutPort = (host: string): string => host.replace(/:\d{1,5}$/, '')

/** Browsers send the origin of the page with every write. */
const isLocalOrigin = (origin: string | undefined): boolean =>
  origin === undefined || (URL.canParse(origin) && isLoopback(new URL(origin).hostname))

const withoutMapping = (address: string): string => address.replace(/^::ffff:/i, '')

/**
 * Whether the request comes from this machine and names it as a loopback host. Refused:
 * - DNS rebinding: the request carries the host name of the attacker's page.
 * - Forwarded requests: behind a proxy, the sender may be anywhere.
 * - HTTP/1.0, which no browser speaks: nginx before 1.29.7 uses it by default, adds no header and sends a
 * loopback name. Later versions of nginx cannot be detected.
 */
export const isFromThisMachine = ({ headers, socket, httpVersion }: IncomingMessage): boolean =>
  httpVersion !== '1.0' &&
  isLoopback(withoutMapping(socket.remoteAddress ?? '')) &&
  isLoopback(withoutPort(headers.host ?? '')) &&
  isLocalOrigin(headers.origin) &&
  !Object.keys(headers).some((name) => forwarding.test(name))
