import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { afterCurrentResponse } from './express-server.js'
import { maxBodyBytes } from './parse-request.js'

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Responds to bytes that Node's parser rejects, then closes the connection. */
const rejectUnparsable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = statusLines[error.code ?? ''] ?? '400 Bad Request'
  socket.end(
    `HTTP/1.1 ${status}\r\nx-request-id: ${randomUUID()}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    () => socket.destroy(),
  )
}

/** Refuses a body that is too large before it is sent, if the client uses `Expect: 100-continue`. */
const continueUnlessTooLarge =
  (server: Server) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) response.shouldKeepAlive = false
    else response.writeContinue()
    server.emit('request', request, response)
  }

/** Connections of one server, unless it is told another number. */
export const defaultMaxConnections = 10_000

/** Limits of one HTTP server. */
export interface ServerLimits {
  /** Maximum number of open connections. Further connections are closed immediately. @default 10_000 */
  readonly maxConnections?: number
}

/**
 * Configures limits and low-level responses of an HTTP server. Slow, idle, malformed and excess clients release
 * their resources quickly.
 */
export const configureHttpServer = (server: Server, limits: ServerLimits = {}): void => {
  server.maxConnections = limits.maxConnections ?? defaultMaxConnections
  server.requestTimeout = 30_000
  server.headersTimeout = 15_000
  // Load balancers commonly drop idle connections after 60 seconds. Keep them open longer, so that the balancer
  // closes first.
  server.keepAliveTimeout = 65_000
  server.on('clientError', (error, socket) => afterCurrentResponse(socket, () => rejectUnparsable(error, socket)))
  server.on('checkContinue', continueUnlessTooLarge(server))
  // By default Node sends 417 to every such request, even if many are pipelined and the client reads nothing.
  // (RFC 9110, 10.1.1)
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
}
