import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../util/loopback.js'

/** What proxies add to a request that they pass on. */
const forwarding =
  /^(via|forwarded|(x-forwarded|x-original|x-envoy|x-amzn|cf)(-.*)?|(.*-)?(real|client|proxyuser|connecting|external)-(ip|address))$/

const withoutPort = (host: string): string => host.replace(/:\d{1,5}$/, '')

/** A page says its origin with every write. */
const isLocalOrigin = (origin: string | undefined): boolean =>
  origin === undefined || (URL.canParse(origin) && isLoopback(new URL(origin).hostname))

const withoutMapping = (address: string): string => address.replace(/^::ffff:/i, '')

/**
 * Did a program on this machine send the request, by a name of this machine? A page whose own host name leads here (DNS
 * rebinding) sends that name; what a proxy passes on came from anywhere. With its defaults nginx adds nothing
 * and sends a name of this machine: before 1.29.7 in HTTP/1.0, which no browser speaks. A later one cannot be told apart.
 */
export const isFromThisMachine = ({ headers, socket, httpVersion }: IncomingMessage): boolean =>
  httpVersion !== '1.0' &&
  isLoopback(withoutMapping(socket.remoteAddress ?? '')) &&
  isLoopback(withoutPort(headers.host ?? '')) &&
  isLocalOrigin(headers.origin) &&
  !Object.keys(headers).some((name) => forwarding.test(name))
