import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { maxBodyBytes } from './body.js'
import { afterAnswer } from './in-turn.js'

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Answers what Node's parser could not read, and hangs up. */
const refuseUnreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
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

/** Says no before the body is sent, to a client that asks first. */
const continueUnlessTooLarge =
  (server: Server) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) response.shouldKeepAlive = false
    else response.writeContinue()
    server.emit('request', request, response)
  }

/** What one server takes. */
export interface ServerLimits {
  /** Further connections are closed at once. @default 10_000 */
  readonly maxConnections?: number
}

/** Limits and answers of the server underneath: slow, idle, unreadable and too many clients hold nothing for long. */
export const configureHttpServer = (server: Server, limits: ServerLimits = {}): void => {
  server.maxConnections = limits.maxConnections ?? 10_000
  server.requestTimeout = 30_000
  server.headersTimeout = 15_000
  // Above the 60 seconds after which common load balancers drop an idle connection: the side that reuses it must not be the last to know.
  server.keepAliveTimeout = 65_000
  server.on('clientError', (error, socket) => afterAnswer(socket, () => refuseUnreadable(error, socket)))
  server.on('checkContinue', continueUnlessTooLarge(server))
  // Node would say 417 to each by itself, however many are sent ahead and whether or not anybody reads. (RFC 9110, 10.1.1)
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
}
