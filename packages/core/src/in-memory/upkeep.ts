import { everythingLeft } from '../model/refund.js'
import { dayOf } from '../shared/calendar.js'
import type { Instant } from '../shared/instant.js'
import type { Upkeep } from '../store/store.js'
import type { Data } from './tables.js'
import { addSales } from './transact.js'

const removeOldest = <V>(rows: Map<string, V>, limit: number, isOld: (row: V, key: string) => boolean): string[] => {
  const old = [...rows].filter(([key, row]) => isOld(row, key)).slice(0, limit)
  for (const [key] of old) rows.delete(key)
  return old.map(([key]) => key)
}

export const inMemoryUpkeep = (data: Data, now: () => Instant): Upkeep => ({
  async addViews(views) {
    for (const [productId, count] of views) {
      if (data.tables.products.has(productId)) data.views.set(productId, (data.views.get(productId) ?? 0) + count)
    }
  },
  async purge({ outcomesMs, sentEventsMs, groupsMs }, limit) {
    const at = now()
    const outcomes = removeOldest(data.tables.outcomes, limit, (outcome) => outcome.at < at - outcomesMs)
    const sent = removeOldest(
      data.tables.events,
      limit,
      (_, eventId) => (data.sentAt.get(eventId) ?? at) < at - sentEventsMs,
    )
    for (const eventId of sent) data.sentAt.delete(eventId)
    const groups = removeOldest(data.groups, limit, (group) => group.at < at - groupsMs)
    return outcomes.length + sent.length + groups.length
  },
  async ensureSales(timeZone, { rebuild = false } = {}) {
    if (data.salesZone === timeZone && !rebuild) return false
    data.sales.clear()
    for (const order of data.tables.orders.values()) {
      if (order.status !== 'paid' || order.paidAt === null) continue
      const day = dayOf(order.paidAt, timeZone)
      for (const { productId, quantity } of everythingLeft(order))
        addSales(data, { timeZone, day, productId, quantity })
    }
    data.salesZone = timeZone
    return true
  },
})
