import type { ShopServer } from '../server/create-server.js'
import { checkShopsOptions } from './check-shops-options.js'
import type { PostgresShop } from './open-shop.js'
import type { ShopsOptions } from './shops-options.js'

/** A server of many shops. It listens and closes like a server of one. */
export interface ShopsServer extends Pick<ShopServer, 'app' | 'router' | 'listen' | 'close'> {
  /**
   * Opens a shop, for use at once: it closes when nobody has asked for it for `idleMs`, and when it moves. So ask again
   * for each piece of work; that costs nothing while it is open.
   * @throws ShopNotFound
   * @throws ShopUnavailable if its database or its location is away
   * @example const { balance } = await (await shops.shop('books')).balance.get({ userId })
   */
  shop(shopId: string): Promise<PostgresShop>
  /**
   * Does work in a shop, which does not close meanwhile: for work that takes longer than `idleMs`.
   * @throws as `shop` does; the error of `work`
   * @example await shops.withShop('books', (shop) => shop.import(createReadStream('books.ndjson')))
   */
  withShop<T>(shopId: string, work: (shop: PostgresShop) => Promise<T>): Promise<T>
}

/**
 * Creates one server for many shops. Each shop is a schema of its own in one of several Postgres databases. It opens when it
 * is first asked for, and closes when nobody asks. Shops of one database share its pool; what a shop sells, counts, caches
 * and promises is its own. The scheduled jobs of all shops run, also of those that are closed.
 * A database that is away takes along its own shops: their calls get UNAVAILABLE, and the others sell.
 * @throws TypeError that names an invalid option
 * @example
 * const databases = { a: process.env.DATABASE_A ?? '', b: process.env.DATABASE_B ?? '' }
 * const shops = await createShops({
 *   locate: async (shopId) => homes[shopId] && { database: databases[homes[shopId]], schema: shopId },
 *   list: async () => Object.keys(homes),
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
