import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import type { Logger } from 'pino'
import { configureHttpServer, createExpressServer } from '../http/index.js'
import { endsWithin } from './deadline.js'
import { Slots } from './slots.js'

/** Serves an application on a port, and can stop without cutting off whoever has asked already. */
export class HttpListener {
  readonly #server: Server
  readonly #logger: Logger
  readonly #answering = new Slots<ServerResponse>()
  #isClosing = false

  constructor(app: Express, logger: Logger) {
    this.#logger = logger
    this.#server = createExpressServer(app)
    configureHttpServer(this.#server)
    // Before the application answers.
    this.#server.prependListener('request', (_request, response) => this.#track(response))
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

  /** Takes no new connection, answers what was asked, and closes. Answers how many requests had to be cut off after `graceMs`. */
  async close(graceMs: number): Promise<number> {
    if (!this.#server.listening) return 0
    this.#isClosing = true
    for (const response of this.#answering.all()) lastOnItsConnection(response)
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    this.#server.closeIdleConnections()
    if (await endsWithin(graceMs, closed)) return 0
    const cut = this.#answering.all().length
    this.#server.closeAllConnections()
    await closed
    return cut
  }

  #track(response: ServerResponse): void {
    const slot = this.#answering.put(response)
    response.once('close', () => this.#answering.free(slot))
    if (this.#isClosing) lastOnItsConnection(response)
  }
}

/** The client is told not to use the connection again: it would hold up the closing. */
const lastOnItsConnection = (response: ServerResponse): void => {
  if (!response.headersSent) response.setHeader('connection', 'close')
}
