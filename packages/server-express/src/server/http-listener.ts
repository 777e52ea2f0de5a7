import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Express } from 'express'
import type { Logger } from 'pino'
import { createExpressServer } from '../http/express-server.js'
import { configureHttpServer, type ServerLimits } from '../http/http-server.js'
import { ActiveSet } from '../util/active-set.js'
import { settlesWithin } from '../util/settles-within.js'

/** At most one warning about refused connections in this time. */
const dropWarningMs = 60_000

/** Serves an application on a port, and stops without aborting requests in flight. */
export class HttpListener {
  readonly #server: Server
  readonly #logger: Logger
  readonly #connections = new ActiveSet<ActiveSet<ServerResponse>>()
  #isShedding = false
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(app: Express, logger: Logger, limits: ServerLimits = {}) {
    this.#logger = logger
    this.#server = createExpressServer(app)
    configureHttpServer(this.#server, limits)
    this.#server.on('drop', () => this.#warnOfDrop())
    this.#server.on('connection', (socket: Connection) => this.#trackConnection(socket))
    // Runs before the application handles the request.
    this.#server.prependListener('request', ({ socket }, response) => this.#track(socket, response))
  }

  /** Rejects with the system error, for example EADDRINUSE. */
  async listen(port: number, host: string): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        // For example, the process has no file descriptor left. A later connection may succeed.
        this.#server.on('error', (error) => this.#logger.warn({ err: error }, 'a connection could not be accepted'))
        resolve()
      })
    })
    return this.#server.address() as AddressInfo
  }

  /** From now on, each response closes its connection. New connections are still accepted. */
  shedConnections(): void {
    this.#isShedding = true
    for (const response of this.#inFlight()) lastOnItsConnection(response)
  }

  /**
   * Accepts no new connections, completes requests in flight, then closes. Resolves with the number of requests
   * that were aborted after `graceMs`.
   */
  async close(graceMs: number): Promise<number> {
    if (!this.#server.listening) return 0
    this.shedConnections()
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    this.#server.closeIdleConnections()
    if (await settlesWithin(graceMs, closed)) return 0
    const aborted = this.#inFlight().length
    this.#server.closeAllConnections()
    await closed
    return aborted
  }

  #warnOfDrop(): void {
    if (performance.now() - this.#warnedAt < dropWarningMs) return
    this.#warnedAt = performance.now()
    this.#logger.warn({ connections: this.#server.maxConnections }, 'new connections are refused: the limit is reached')
  }

  #inFlight(): ServerResponse[] {
    return this.#connections.all().flatMap((responses) => responses.all())
  }

  /** A pipelined request is not notified when its connection closes, so responses are tracked by connection. */
  #trackConnection(socket: Connection): void {
    const responses = new ActiveSet<ServerResponse>()
    socket[inFlight] = responses
    const slot = this.#connections.put(responses)
    socket.once('close', () => this.#connections.free(slot))
  }

  #track(socket: Connection, response: ServerResponse): void {
    const responses = socket[inFlight]
    if (responses && !socket.destroyed) {
      const slot = responses.put(response)
      response.once('close', () => responses.free(slot))
    }
    if (this.#isShedding) lastOnItsConnection(response)
  }
}

const inFlight = Symbol('responses in flight')

interface Connection extends Socket {
  [inFlight]?: ActiveSet<ServerResponse>
}

/** Tells the client not to reuse the connection: an open connection would delay the shutdown. */
const lastOnItsConnection = (response: ServerResponse): void => {
  if (!response.headersSent) response.setHeader('connection', 'close')
}
