import type { WithinConnection } from '@shop/adapter-knex'
import type { OpenedBy, Shop } from '@shop/core'
import type { Knex } from 'knex'
import { compose } from '../composition/compose.js'
import type { DatabaseUrlOptions, KnexOptions, ServerOptions, StoreOptions } from '../options.js'
import { settlesWithin } from '../util/settles-within.js'
import { checkOptions } from './check-options.js'
import { disposeMs, type RunningServer, runningServer } from './running-server.js'

/** A server of one shop. */
export interface ShopServer<Tx = never, Opened = OpenedBy<Tx>> extends RunningServer {
  /** The shop: its calls without HTTP. */
  readonly shop: Shop<Tx, Opened>
}

/** A server on Postgres: its shop joins transactions of knex and of other query builders, and opens those of knex. */
export type PostgresShopServer = ShopServer<Knex.Transaction | WithinConnection, Knex.Transaction>

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
  const composed = await compose(options)
  const { shop, scheduler, agreement, history, demo, migrate, waitForRedis, dispose } = composed
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

  const isOpen = options.auth === 'off' && !options.authOffIsSafe
  return { ...runningServer({ ...composed, jobs: scheduler, isOpen }), shop }
}
