import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Express } from 'express'
import type { Logger } from 'pino'
import { createExpressServer } from '../http/express-server.js'
import { configureHttpServer, type ServerLimits } from '../http/http-server.js'
import { ActiveSet } from '../util/active-set.js'
import { settlesWithin } from '../util/settles-within.js'

/** Where connections are too many, one line in this time says so. */
const dropWarningMs = 60_000

/** Serves an application on a port, and can stop without cutting off whoever has asked already. */
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
    // Before the application answers.
    this.#server.prependListener('request', ({ socket }, response) => this.#track(socket, response))
  }

  /** Rejects with the error of the system, EADDRINUSE among them. */
  async listen(port: number, host: string): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        // For want of a file descriptor, for example: the next connection may be more lucky.
        this.#server.on('error', (error) => this.#logger.warn({ err: error }, 'a connection could not be accepted'))
        resolve()
      })
    })
    return this.#server.address() as AddressInfo
  }

  /** From here on, each answer is the last one on its connection. New connections are taken. */
  shedConnections(): void {
    this.#isShedding = true
    for (const response of this.#underWay()) lastOnItsConnection(response)
  }

  /** Takes no new connection, answers what was asked, and closes. Answers how many requests had to be cut off after `graceMs`. */
  async close(graceMs: number): Promise<number> {
    if (!this.#server.listening) return 0
    this.shedConnections()
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    this.#server.closeIdleConnections()
    if (await settlesWithin(graceMs, closed)) return 0
    const cut = this.#underWay().length
    this.#server.closeAllConnections()
    await closed
    return cut
  }

  #warnOfDrop(): void {
    if (performance.now() - this.#warnedAt < dropWarningMs) return
    this.#warnedAt = performance.now()
    this.#logger.warn({ connections: this.#server.maxConnections }, 'connections are closed: there are too many')
  }

  #underWay(): ServerResponse[] {
    return this.#connections.all().flatMap((responses) => responses.all())
  }

  /** A request that waits behind another one on its connection never hears that the connection is gone: it goes with it. */
  #trackConnection(socket: Connection): void {
    const responses = new ActiveSet<ServerResponse>()
    socket[answering] = responses
    const slot = this.#connections.put(responses)
    socket.once('close', () => this.#connections.free(slot))
  }

  #track(socket: Connection, response: ServerResponse): void {
    const responses = socket[answering]
    if (responses && !socket.destroyed) {
      const slot = responses.put(response)
      response.once('close', () => responses.free(slot))
    }
    if (this.#isShedding) lastOnItsConnection(response)
  }
}

const answering = Symbol('responses under way')

interface Connection extends Socket {
  [answering]?: ActiveSet<ServerResponse>
}

/** The client is told not to use the connection again: it would hold up the closing. */
const lastOnItsConnection = (response: ServerResponse): void => {
  if (!response.headersSent) response.setHeader('connection', 'close')
}
