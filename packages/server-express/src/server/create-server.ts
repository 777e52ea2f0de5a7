import type { AddressInfo } from 'node:net'
import { type Shop, systemTimer } from '@shop/core'
import type { Express, Router } from 'express'
import type { Knex } from 'knex'
import { compose } from '../composition/compose.js'
import type { DatabaseUrlOptions, KnexOptions, ServerOptions, StoreOptions } from '../options.js'
import { isLoopback } from '../util/loopback.js'
import { settlesWithin } from '../util/settles-within.js'
import { checkOptions } from './check-options.js'
import { HttpListener } from './http-listener.js'

export interface ShopServer<Tx = never> {
  /** An Express application of its own: to be listened with, or mounted in another one. */
  readonly app: Express
  /** For an application of one's own: `app.use('/shop', server.router)`. Requests that no route matches fall through. */
  readonly router: Router
  readonly shop: Shop<Tx>
  /** Opens the port; resolves with where it listens. Once only. Throws where that would make a network administrators. */
  listen(port?: number, host?: string): Promise<AddressInfo>
  /**
   * Readiness goes off at once; for `drainMs` everything is served on, so that a balancer finds that out. Then requests
   * under way are answered, deliveries under way ended, jobs stopped, and what was opened is closed. Resolves within
   * `drainMs`, `graceMs` and three seconds more, whatever hangs. Any further call waits for the first.
   */
  close(options?: CloseOptions): Promise<void>
}

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
 * A shop with its HTTP interface and its scheduled jobs, ready to serve: the tables are up to date, the jobs run.
 * @throws TypeError that names an option which is wrong, PolicyError for wrong policies, SchemaError where the tables are
 * not the shop's or a newer version's, StoreError or the driver's error where the database does not answer.
 */
export async function createServer(options: DatabaseUrlOptions | KnexOptions): Promise<ShopServer<Knex.Transaction>>
export async function createServer<Tx>(options: StoreOptions<Tx>): Promise<ShopServer<Tx>>
export async function createServer(options: ServerOptions): Promise<ShopServer> {
  checkOptions(options)
  const { http, shop, logger, readiness, scheduler, agreement, migrate, waitForRedis, dispose } = await compose(options)
  try {
    await Promise.all([migrate(), waitForRedis()])
    await shop.upkeep.ensureSales()
    if (options.demoData) {
      const { ensureDemoData } = await import('../demo/demo-data.js')
      await ensureDemoData(shop)
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
    if (!(await settlesWithin(disposeMs, dispose()))) logger.warn('not everything could be closed in time')
  }

  return {
    ...http,
    shop,
    async listen(port = 3_000, host = '127.0.0.1') {
      if (listener || closed) throw new Error('a server listens once')
      if (options.auth === 'off' && !options.authOffIsSafe && !isLoopback(host)) {
        throw new Error(
          `with auth 'off', everybody who reaches ${host} is an administrator: authOffIsSafe: true allows it`,
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
