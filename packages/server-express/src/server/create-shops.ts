import type { ShopsOptions } from '../tenants/shops-options.js'
import { checkShopsOptions } from './check-shops-options.js'
import type { ShopsServer } from './shops-server.js'

/**
 * Creates one server for many shops. Each shop is a schema of its own in one of several Postgres databases. It opens when it
 * is first asked for, and closes when nobody asks. Shops of one database share its pool; what a shop sells, counts, caches
 * and promises is its own. The scheduled jobs of all shops run, also of those that are closed.
 * If a database is away, calls to its shops get UNAVAILABLE, and the other shops go on selling.
 * @throws TypeError that names an invalid option
 * @example
 * // A map: callers may ask for a shop named `constructor`, which every object seems to have.
 * const homes = new Map([['books', process.env.DATABASE_A ?? ''], ['music', process.env.DATABASE_B ?? '']])
 * const shops = await createShops({
 *   locate: async (shopId) => {
 *     const database = homes.get(shopId)
 *     return database === undefined ? undefined : { database, schema: shopId }
 *   },
 *   list: async () => [...homes.keys()],
 *   tenants: { from: 'host', domain: 'shops.example' },
 *   auth: { secret },
 * })
 * await shops.listen(3000)
 */
export const createShops = async (options: ShopsOptions): Promise<ShopsServer> => {
  checkShopsOptions(options)
  const { composeShops } = await import('./compose-shops.js')
  return composeShops(options)
}
