import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../server/loopback.js'

/** What proxies add to a request that they pass on. */
const forwarding = /^(x-forwarded(-.*)?|forwarded|via|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/

const withoutPort = (host: string): string => host.replace(/:\d{1,5}$/, '')

const withoutMapping = (address: string): string => address.replace(/^::ffff:/i, '')

/**
 * Did a program on this machine send the request, by a name of this machine? A page whose own host name leads here (DNS
 * rebinding) sends that name; what a proxy passes on came from anywhere.
 */
export const isFromThisMachine = ({ headers, socket }: IncomingMessage): boolean =>
  isLoopback(withoutMapping(socket.remoteAddress ?? '')) &&
  isLoopback(withoutPort(headers.host ?? '')) &&
  !Object.keys(headers).some((name) => forwarding.test(name))
