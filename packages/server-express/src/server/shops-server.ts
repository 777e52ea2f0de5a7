import type { PostgresShop } from '../tenants/open-shop.js'
import type { RunningServer } from './running-server.js'

/** A server of many shops. It listens and closes like a server of one. */
export interface ShopsServer extends RunningServer {
  /**
   * Opens a shop, for use at once: it closes when nobody has asked for it for `idleMs`, and when it moves. So ask again
   * for each piece of work; that costs nothing while it is open.
   * @throws ShopNotFound
   * @throws ShopUnavailable if its database or its location is away
   * @example const { balance } = await (await shops.shop('books')).balance.get({ userId })
   */
  shop(shopId: string): Promise<PostgresShop>
  /**
   * Does work in a shop, which stays open although nobody else asks for it: for work that takes longer than
   * `idleMs`. If the shop moves or its rules change, it closes all the same. Further calls of the work then reject
   * with ShopUnavailable, reads as well. Run the work again: the shop opens where it is now. When the server closes,
   * the work has half a second to end.
   * @throws as `shop` does; the error of `work`
   * @example await shops.withShop('books', (shop) => shop.import(createReadStream('books.ndjson')))
   */
  withShop<T>(shopId: string, work: (shop: PostgresShop) => Promise<T>): Promise<T>
}
