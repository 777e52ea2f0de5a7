import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { Express } from 'express'
import type { Logger } from 'pino'
import { createExpressServer } from '../http/express-server.js'
import { configureHttpServer, type ServerLimits } from '../http/http-server.js'
import type { Listener } from '../http/listener.js'
import { settlesWithin } from '../util/settles-within.js'

/** At most one warning about refused connections in this time. */
const dropWarningMs = 60_000
/** How often a server that closes looks for connections that have become idle. */
const sweepMs = 50
/** New connections may come as fast as a closing server accepts them. */
const maxAcceptRounds = 100

/** Serves an application on a port, and stops without aborting requests in flight. */
export class HttpListener implements Listener {
  readonly #server: Server
  readonly #logger: Logger
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(app: Express, logger: Logger, limits: ServerLimits = {}) {
    this.#logger = logger
    this.#server = createExpressServer(app)
    configureHttpServer(this.#server, limits)
    this.#server.on('drop', () => this.#warnOfDrop())
  }

  /** Rejects with the error of the system, for example EADDRINUSE. */
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

  /**
   * Accepts no new connection, answers the requests under way, and closes. Resolves with the number of connections that
   * were cut off after `graceMs`, because a request on them was not answered.
   */
  async close(graceMs: number): Promise<number> {
    if (!this.#server.listening) return 0
    await this.#acceptWaiting()
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    const sweep = setInterval(() => this.#server.closeIdleConnections(), sweepMs)
    try {
      if (await settlesWithin(graceMs, closed)) return 0
      const cut = await this.connections()
      this.#server.closeAllConnections()
      await closed
      return cut
    } finally {
      clearInterval(sweep)
    }
  }

  /** Takes the connections that the system has established already. Closing would reset them and their requests. */
  async #acceptWaiting(): Promise<void> {
    let isAccepting = true
    const note = () => {
      isAccepting = true
    }
    this.#server.on('connection', note)
    for (let round = 0; isAccepting && round < maxAcceptRounds; round += 1) {
      isAccepting = false
      // The loop may accept one connection at a time, and the first of the two ends a turn that has begun.
      await setImmediate()
      await setImmediate()
    }
    this.#server.off('connection', note)
  }

  /** Number of open connections. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    })
  }

  #warnOfDrop(): void {
    if (performance.now() - this.#warnedAt < dropWarningMs) return
    this.#warnedAt = performance.now()
    this.#logger.warn({ connections: this.#server.maxConnections }, 'new connections are refused: the limit is reached')
  }
}
