import type { AddressInfo } from 'node:net'
import { systemTimer } from '@shop/core/store'
import type { Express, Router } from 'express'
import type { Logger } from 'pino'
import type { ServerReadiness } from '../health/readiness.js'
import type { HttpInterface } from '../http/http-interface.js'
import type { Listener } from '../http/listener.js'
import { isLoopback } from '../util/loopback.js'
import { settlesWithin } from '../util/settles-within.js'
import { HttpListener } from './http-listener.js'

export const disposeMs = 1_000
const defaultGraceMs = 5_000
const deliveryGraceMs = 1_500

/** A server that listens and closes. */
export interface RunningServer {
  /** The Express application: serve it with `listen`, or mount it in another application. */
  readonly app: Express
  /** For an application of one's own: `app.use('/shop', server.router)`. Requests that no route matches fall through. */
  readonly router: Router
  /**
   * Starts to listen and resolves with the address. May be called once. Throws if a network could reach a
   * server whose callers are all administrators.
   */
  listen(port?: number, host?: string): Promise<AddressInfo>
  /**
   * Shuts down gracefully:
   * 1. `/readyz` fails immediately. For `drainMs` the server still serves, so that load balancers notice.
   * 2. Requests in flight complete, jobs stop, and deliveries in flight complete.
   * 3. Everything that the server opened is closed.
   * Resolves within `drainMs`, `graceMs` and three more seconds (with workers, four), even if something hangs. Further calls
   * wait for the first one.
   */
  close(options?: CloseOptions): Promise<void>
}

export interface CloseOptions {
  /** @default 0 */
  readonly drainMs?: number
  /** @default 5_000 */
  readonly graceMs?: number
}

/** A composed server. */
export interface RunningDeps {
  readonly http: HttpInterface
  /** Listens instead of this process. @default this process listens */
  readonly workers?: Listener | undefined
  readonly logger: Logger
  readonly readiness: ServerReadiness
  /** Undefined if other servers run the jobs. */
  readonly jobs:
    | { quiesce(ms: number): Promise<void>; stop(options: { readonly graceMs: number }): Promise<void> }
    | undefined
  /** Whether everyone who reaches the server is an administrator. */
  readonly isOpen: boolean
  /** Closes everything that was opened for the server. */
  dispose(): Promise<void>
}

/** The part of a server that listens and closes. */
export const runningServer = (deps: RunningDeps): RunningServer => {
  const { http, workers, logger, readiness, jobs, isOpen, dispose } = deps
  let listener: Listener | undefined
  let closed: Promise<void> | undefined

  const shutDown = async ({ drainMs = 0, graceMs = defaultGraceMs }: CloseOptions): Promise<void> => {
    readiness.stopServing()
    if (drainMs > 0) {
      await systemTimer.pause(drainMs / 2)
      // Balancers that do not ask for readiness keep their connections.
      readiness.shedConnections()
      await systemTimer.pause(drainMs / 2)
    }
    readiness.shedConnections()
    const [cutOff = 0] = await Promise.all([listener?.close(graceMs), jobs?.quiesce(graceMs)])
    if (cutOff > 0)
      logger.warn({ connections: cutOff, graceMs }, 'connections were cut off: their requests took too long')
    await jobs?.stop({ graceMs: deliveryGraceMs })
    if (!(await settlesWithin(disposeMs, dispose()))) logger.warn('timed out closing resources')
  }

  return {
    app: http.app,
    router: http.router,
    async listen(port = 3_000, host = '127.0.0.1') {
      if (listener || closed) throw new Error('listen can be called only once, and not after close')
      if (isOpen && !isLoopback(host)) {
        throw new Error(
          `with auth 'off', everyone who can reach ${host} is an administrator: set authOffIsSafe: true to allow that`,
        )
      }
      listener = workers ?? new HttpListener(http.app, logger)
      return listener.listen(port, host)
    },
    close(options = {}) {
      closed ??= shutDown(options)
      return closed
    },
  }
}
