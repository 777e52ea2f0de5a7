import { type OutboxEvent, subjectKey } from '../model/event.js'
import type { Instant } from '../shared/instant.js'
import type { DeliveryResult, OutboxStore } from '../store/store.js'
import type { Data } from './tables.js'

const settled = (event: OutboxEvent, settlement: DeliveryResult, now: Instant): OutboxEvent => {
  if (settlement.status === 'sent') return { ...event, status: 'sent', lastError: null }
  const { status, error: lastError } = settlement
  return status === 'dead'
    ? { ...event, status, lastError }
    : { ...event, status, lastError, nextAttemptAt: now + settlement.retryInMs }
}

export const inMemoryOutbox = ({ tables: { events }, leases, sentAt }: Data, now: () => Instant): OutboxStore => ({
  async claimEvents({ limit, leaseMs, lease }) {
    const at = now()
    const lowest = new Map<string, OutboxEvent>()
    for (const event of events.values()) {
      if (event.status !== 'pending') continue
      const subject = subjectKey(event)
      const first = lowest.get(subject)
      if (!first || event.sequence < first.sequence) lowest.set(subject, event)
    }
    return [...lowest.values()]
      .filter(({ eventId, nextAttemptAt }) => nextAttemptAt <= at && (leases.get(eventId)?.until ?? 0) <= at)
      .sort((a, b) => a.nextAttemptAt - b.nextAttemptAt)
      .slice(0, limit)
      .map((event) => {
        const claimed = { ...event, attempts: event.attempts + 1 }
        events.set(event.eventId, claimed)
        leases.set(event.eventId, { lease, until: at + leaseMs })
        return { event: claimed, lease }
      })
  },
  async recordDeliveries(settlements) {
    const at = now()
    for (const settlement of settlements) {
      const event = events.get(settlement.eventId)
      if (!event || leases.get(settlement.eventId)?.lease !== settlement.lease) continue
      leases.delete(settlement.eventId)
      events.set(settlement.eventId, settled(event, settlement, at))
      if (settlement.status === 'sent') sentAt.set(settlement.eventId, at)
    }
  },
})
