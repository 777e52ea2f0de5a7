import type { OrderOutline } from '../model/order.js'
import type { Transactor } from '../store/store.js'
import { coalesce } from './coalesce.js'
import type { OrderOutlines } from './command.js'

export const noOrderOutlines: OrderOutlines = { order: () => undefined }

export const orderOutlinesOf = (outlines: readonly OrderOutline[]): OrderOutlines => {
  const byId = new Map(outlines.map((outline) => [outline.orderId, outline]))
  return { order: (orderId) => byId.get(orderId) }
}

/** The first look, for many commands at once. */
export const prefetcher = (
  store: Pick<Transactor, 'outlines'>,
): ((orderIds: readonly string[]) => Promise<OrderOutlines>) =>
  coalesce(async (asked) => {
    const outlines = orderOutlinesOf(await store.outlines([...new Set(asked.flat())]))
    return () => outlines
  })
