import type { EventView } from '../../model/event.js'
import type { HistoryLaw, Run } from './run.js'

const arrivedOf = ({ receiver }: Run) =>
  receiver.attempts.filter(({ sent }) => sent.kind === 'sent').map(({ event }) => event)

/** The type of an event that carries this order. */
const typeOf = ({ status, refunds }: EventView['data']): string =>
  status === 'paid' && refunds !== undefined ? 'order.partially-refunded' : `order.${status}`

/** Laws about the attempts that the receiver saw. */
export const deliveryLaws: readonly HistoryLaw[] = [
  {
    id: 'DELIVERED',
    sentence: 'Every event arrives at least once, unless its receiver refused it for good.',
    kind: 'history',
    check: (run) => {
      const arrived = new Set(arrivedOf(run).map(({ eventId }) => eventId))
      return run.sight.events.flatMap(({ eventId, type, orderId, status }) => {
        if (status === 'pending') return `${type} of order ${orderId} still waits`
        return status === 'sent' && !arrived.has(eventId)
          ? `${type} of order ${orderId} counts as sent but never arrived`
          : []
      })
    },
  },
  {
    id: 'LEASE',
    sentence: 'No event is being sent twice at the same time.',
    kind: 'history',
    check: ({ receiver }) =>
      receiver.collisions.map(({ type, orderId }) => `two relays sent ${type} of order ${orderId} at once`),
  },
  {
    id: 'STABLE-ID',
    sentence: 'All attempts to send an event carry the same id and type.',
    kind: 'history',
    check: ({ sight, receiver }) =>
      sight.events
        .filter(({ eventId, type, orderId, sequence }) =>
          receiver.attempts.some(
            ({ event }) =>
              event.orderId === orderId &&
              event.sequence === sequence &&
              (event.eventId !== eventId || event.type !== type),
          ),
        )
        .map(({ orderId, sequence }) => `event ${sequence} of order ${orderId} came under several ids`),
  },
  {
    id: 'EVENT-DATA',
    sentence: 'An event describes its own order, in the status that its type names.',
    kind: 'history',
    check: ({ sight }) =>
      sight.events
        .filter(
          ({ type, orderId, sequence, data }) =>
            typeOf(data) !== type || data.sequence !== sequence || data.orderId !== orderId,
        )
        .map(({ type, orderId, data }) => `${type} of order ${orderId} describes ${data.status} of ${data.orderId}`),
  },
  {
    id: 'NO-PHANTOM',
    sentence: 'Only stored events are sent.',
    kind: 'history',
    check: ({ sight, receiver }) =>
      receiver.attempts
        .filter(({ event }) => !sight.events.some(({ eventId }) => eventId === event.eventId))
        .map(({ event }) => `${event.type} of order ${event.orderId} was sent, but it is not stored`),
  },
  {
    id: 'PER-ORDER-ORDER',
    sentence: 'The events of one order arrive in sequence; one that was dead may come late.',
    kind: 'history',
    check: (run) => {
      const { attempts } = run.receiver
      const dead = new Set(attempts.filter(({ sent }) => sent.kind === 'refused').map(({ event }) => event.eventId))
      const newest = new Map<string, number>()
      const problems: string[] = []
      for (const { orderId, sequence, eventId } of arrivedOf(run)) {
        const before = newest.get(orderId) ?? 0
        if (sequence < before && !dead.has(eventId)) {
          problems.push(`event ${sequence} of order ${orderId} came after ${before}`)
        }
        newest.set(orderId, Math.max(before, sequence))
      }
      return problems
    },
  },
]
