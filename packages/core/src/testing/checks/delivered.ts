import type { EventView } from '../../outbox/event.js'
import type { Receiver } from '../delivery.js'

/** Once the relay has caught up: everything arrived, under one id each, and in order per order. */
export const checkDelivered = (events: readonly EventView[], { attempts, collisions }: Receiver): readonly string[] => {
  const problems: string[] = []
  for (const { type, orderId } of collisions)
    problems.push(`LEASE: two relays sent ${type} of order ${orderId} at once`)
  const arrived = attempts.filter(({ sent }) => sent.kind === 'sent').map(({ event }) => event)
  for (const { eventId, type, orderId, sequence, status, data } of events) {
    if (status === 'pending') problems.push(`DELIVERED: ${type} of order ${orderId} still waits`)
    const copies = attempts.filter(({ event }) => event.orderId === orderId && event.sequence === sequence)
    if (status === 'sent' && !arrived.some((event) => event.eventId === eventId)) {
      problems.push(`DELIVERED: ${type} of order ${orderId} counts as sent but never arrived`)
    }
    if (copies.some(({ event }) => event.eventId !== eventId || event.type !== type)) {
      problems.push(`STABLE-ID: event ${sequence} of order ${orderId} came under several ids`)
    }
    if (`order.${data.status}` !== type || data.sequence !== sequence || data.orderId !== orderId) {
      problems.push(`EVENT-DATA: ${type} of order ${orderId} tells of ${data.status} of ${data.orderId}`)
    }
  }
  for (const { event } of attempts) {
    if (!events.some(({ eventId }) => eventId === event.eventId)) {
      problems.push(`NO-PHANTOM: ${event.type} of order ${event.orderId} was sent, but there is no such event`)
    }
  }
  // A dead event lets the next one pass: it may come late, and its receiver goes by the sequence.
  const dead = new Set(attempts.filter(({ sent }) => sent.kind === 'refused').map(({ event }) => event.eventId))
  const newest = new Map<string, number>()
  for (const { orderId, sequence, eventId } of arrived) {
    const before = newest.get(orderId) ?? 0
    if (sequence < before && !dead.has(eventId)) {
      problems.push(`PER-ORDER-ORDER: event ${sequence} of order ${orderId} came after ${before}`)
    }
    newest.set(orderId, Math.max(before, sequence))
  }
  return problems
}
