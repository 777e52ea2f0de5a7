import type { OutboxStore, Store } from '../../../src/index.js'
import type { Claimed } from '../../../src/store.js'
import type { BreakStore } from './transact.js'

type BreakOutbox = (outbox: OutboxStore, store: Store) => Partial<OutboxStore>

const outbox =
  (breakIt: BreakOutbox): BreakStore =>
  (store, isOn) =>
    isOn ? { ...store, outbox: { ...store.outbox, ...breakIt(store.outbox, store) } } : store

/** Remembers the newest event it has claimed and asks only for newer ones. */
export const cursor = outbox(({ claimEvents }) => {
  let last = ''
  return {
    async claimEvents(query) {
      const claimed = await claimEvents(query)
      const newer = claimed.filter(({ event }) => `${event.at}` > last || event.attempts > 1)
      last = [last, ...newer.map(({ event }) => `${event.at}`)].sort().at(-1) ?? last
      return newer
    },
  }
})

export const sentBeforeSending = outbox(({ claimEvents, recordDeliveries }) => ({
  async claimEvents(query) {
    const claimed = await claimEvents(query)
    await recordDeliveries(claimed.map(({ event, lease }) => ({ eventId: event.eventId, lease, status: 'sent' })))
    return claimed
  },
}))

export const newIdPerAttempt = outbox(({ claimEvents, recordDeliveries }) => {
  const real = new Map<string, string>()
  return {
    async claimEvents(query) {
      const claimed = await claimEvents(query)
      return claimed.map(({ event, lease }): Claimed => {
        const eventId = `${event.eventId}-${event.attempts}`
        real.set(eventId, event.eventId)
        return { event: { ...event, eventId }, lease }
      })
    },
    recordDeliveries: (settlements) =>
      recordDeliveries(settlements.map((each) => ({ ...each, eventId: real.get(each.eventId) ?? each.eventId }))),
  }
})

export const noLease = outbox(({ claimEvents }) => ({
  claimEvents: (query) => claimEvents({ ...query, leaseMs: 0 }),
}))

/** Records every delivery under the newest lease, no matter who reports it. */
export const anyoneSettles = outbox(({ claimEvents, recordDeliveries }) => {
  const newest = new Map<string, string>()
  return {
    async claimEvents(query) {
      const claimed = await claimEvents(query)
      for (const { event, lease } of claimed) newest.set(event.eventId, lease)
      return claimed
    },
    recordDeliveries: (settlements) =>
      recordDeliveries(settlements.map((each) => ({ ...each, lease: newest.get(each.eventId) ?? each.lease }))),
  }
})

/** Claims more only after the oldest pending event is delivered. */
export const headOfQueue = outbox(({ claimEvents }, { reads }) => ({
  async claimEvents(query) {
    const pending = await reads.events({ limit: 1_000, status: 'pending' })
    const head = [...pending].sort((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1))[0]
    return head && head.attempts > 0 ? [] : claimEvents({ ...query, limit: 1 })
  },
}))
