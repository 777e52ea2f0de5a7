import type { AddressInfo } from 'node:net'
import type { WithinConnection } from '@shop/adapter-knex'
import type { OpenedBy, Shop } from '@shop/core'
import { systemTimer } from '@shop/core/store'
import type { Express, Router } from 'express'
import type { Knex } from 'knex'
import { compose } from '../composition/compose.js'
import type { DatabaseUrlOptions, KnexOptions, ServerOptions, StoreOptions } from '../options.js'
import { isLoopback } from '../util/loopback.js'
import { settlesWithin } from '../util/settles-within.js'
import { checkOptions } from './check-options.js'
import { HttpListener } from './http-listener.js'

export interface ShopServer<Tx = never, Opened = OpenedBy<Tx>> {
  /** The Express application: serve it with `listen`, or mount it in another application. */
  readonly app: Express
  /** For an application of one's own: `app.use('/shop', server.router)`. Requests that no route matches fall through. */
  readonly router: Router
  readonly shop: Shop<Tx, Opened>
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
   * Resolves within `drainMs`, `graceMs` and three more seconds, even if something hangs. Further calls wait
   * for the first one.
   */
  close(options?: CloseOptions): Promise<void>
}

/** A server on Postgres: its shop joins transactions of knex and of other query builders, and opens those of knex. */
export type PostgresShopServer = ShopServer<Knex.Transaction | WithinConnection, Knex.Transaction>

export interface CloseOptions {
  /** @default 0 */
  readonly drainMs?: number
  /** @default 5_000 */
  readonly graceMs?: number
}

const defaultGraceMs = 5_000
const deliveryGraceMs = 1_500
const disposeMs = 1_000

/**
 * Creates a shop with its HTTP interface and scheduled jobs, ready to serve. The tables are migrated and the
 * jobs run.
 * @throws TypeError that names an invalid option; PolicyError for invalid policies; SchemaError if the tables
 * belong to something else or to a newer version; StoreError or the driver's error if the database does not
 * respond.
 */
export async function createServer(options: DatabaseUrlOptions | KnexOptions): Promise<PostgresShopServer>
export async function createServer<Tx>(options: StoreOptions<Tx>): Promise<ShopServer<Tx>>
export async function createServer(options: ServerOptions): Promise<ShopServer> {
  checkOptions(options)
  const { http, shop, logger, readiness, scheduler, agreement, history, demo, migrate, waitForRedis, dispose } =
    await compose(options)
  try {
    await Promise.all([migrate(), waitForRedis()])
    history?.start()
    await shop.upkeep.ensureSales()
    if (demo) {
      const { ensureDemoData } = await import('../demo/demo-data.js')
      await ensureDemoData(shop)
      await demo.drops.start()
    }
  } catch (error) {
    await settlesWithin(disposeMs, dispose())
    throw error
  }
  void scheduler?.start()
  agreement?.start()

  let listener: HttpListener | undefined
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
    const [cutOff = 0] = await Promise.all([listener?.close(graceMs), scheduler?.quiesce(graceMs)])
    if (cutOff > 0)
      logger.warn({ connections: cutOff, graceMs }, 'connections were cut off: their requests took too long')
    await scheduler?.stop({ graceMs: deliveryGraceMs })
    if (!(await settlesWithin(disposeMs, dispose()))) logger.warn('timed out closing resources')
  }

  return {
    app: http.app,
    router: http.router,
    shop,
    async listen(port = 3_000, host = '127.0.0.1') {
      if (listener || closed) throw new Error('listen can be called only once, and not after close')
      if (options.auth === 'off' && !options.authOffIsSafe && !isLoopback(host)) {
        throw new Error(
          `with auth 'off', everyone who can reach ${host} is an administrator: set authOffIsSafe: true to allow that`,
        )
      }
      listener = new HttpListener(http.app, logger)
      return listener.listen(port, host)
    },
    close(options = {}) {
      closed ??= shutDown(options)
      return closed
    },
  }
}
