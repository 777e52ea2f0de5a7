import type { Seen } from '../command/verb.js'
import type { OrderOutline } from '../order/order.js'
import { readTogether } from '../store/read-together.js'
import type { Transactor } from '../store/store.js'

export const nothingSeen: Seen = { order: () => undefined }

export const seenIn = (outlines: readonly OrderOutline[]): Seen => {
  const byId = new Map(outlines.map((outline) => [outline.orderId, outline]))
  return { order: (orderId) => byId.get(orderId) }
}

/** The first look, for many commands at once. */
export const outliner = (store: Pick<Transactor, 'outlines'>): ((orderIds: readonly string[]) => Promise<Seen>) =>
  readTogether(async (asked) => {
    const seen = seenIn(await store.outlines([...new Set(asked.flat())]))
    return () => seen
  })
