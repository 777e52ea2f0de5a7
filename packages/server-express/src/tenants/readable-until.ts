import { ShopUnavailable, type Store } from '@shop/core'
import type { Reads } from '@shop/core/store'

/**
 * A store whose reads reject with ShopUnavailable once `closed` is aborted. Work that still has a shop after its move
 * must not read at the old place.
 */
export const readableUntil = <Own extends Pick<Store, 'reads' | 'load' | 'audit'>>(
  closed: AbortSignal,
  store: Own,
): Own => {
  const guarded =
    <Query extends unknown[], Found>(read: (...query: Query) => Promise<Found>) =>
    (...query: Query): Promise<Found> =>
      closed.aborted ? Promise.reject(new ShopUnavailable('the shop is closed: ask for it again')) : read(...query)
  const reads: unknown = Object.fromEntries(Object.entries(store.reads).map(([name, read]) => [name, guarded(read)]))
  return { ...store, reads: reads as Reads, load: guarded(store.load), audit: guarded(store.audit) }
}
