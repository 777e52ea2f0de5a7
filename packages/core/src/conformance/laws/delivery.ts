import { type EventView, type OutboxEvent, subjectKey } from '../../model/event.js'
import type { HistoryLaw, Run } from './run.js'

const arrivedOf = ({ receiver }: Run) =>
  receiver.attempts.filter(({ sent }) => sent.kind === 'sent').map(({ event }) => event)

type Named = Pick<OutboxEvent, 'type' | 'subject' | 'subjectId'>

const nameOf = ({ type, subject, subjectId }: Named): string => `${type} of ${subject} ${subjectId}`

const statusNames: Readonly<Record<string, string>> = { pending: 'placed' }

const kindNames: Readonly<Record<string, string>> = {
  charge: 'charged',
  grant: 'granted',
  withdrawal: 'withdrawn',
  adjustment: 'adjusted',
  expiry: 'expired',
}

/** The subject that the data of an event describes, and the types that it fits. */
const describedBy = ({ subject, data }: EventView): { readonly id: unknown; readonly types: readonly string[] } => {
  const row = data as unknown as Readonly<Record<string, unknown>>
  if (subject === 'user') return { id: row['userId'], types: [`wallet.${kindNames[row['kind'] as string]}`] }
  if (subject === 'coupon') return { id: row['couponId'], types: row['issuedAt'] ? ['coupon.issued'] : [] }
  if (subject === 'product') {
    const types =
      'name' in row ? ['product.changed'] : ['stock.changed', row['stock'] === 0 ? 'stock.sold-out' : 'stock.back']
    return { id: row['productId'], types }
  }
  const status = row['status'] as string
  const isPartly = status === 'paid' && row['refunds'] !== undefined
  return {
    id: row['orderId'],
    types: [isPartly ? 'order.partially-refunded' : `order.${statusNames[status] ?? status}`],
  }
}

/** Laws about the attempts that the receiver saw. */
export const deliveryLaws: readonly HistoryLaw[] = [
  {
    id: 'DELIVERED',
    sentence: 'Every event arrives at least once, unless its receiver refused it for good.',
    kind: 'history',
    check: (run) => {
      const arrived = new Set(arrivedOf(run).map(({ eventId }) => eventId))
      return run.sight.events.flatMap((event) => {
        if (event.status === 'pending') return `${nameOf(event)} still waits`
        return event.status === 'sent' && !arrived.has(event.eventId)
          ? `${nameOf(event)} counts as sent but never arrived`
          : []
      })
    },
  },
  {
    id: 'LEASE',
    sentence: 'No event is being sent twice at the same time.',
    kind: 'history',
    check: ({ receiver }) => receiver.collisions.map((event) => `two relays sent ${nameOf(event)} at once`),
  },
  {
    id: 'STABLE-ID',
    sentence: 'All attempts to send an event carry the same id and type.',
    kind: 'history',
    check: ({ sight, receiver }) =>
      sight.events
        .filter(({ eventId, type, subject, subjectId, sequence }) =>
          receiver.attempts.some(
            ({ event }) =>
              event.subject === subject &&
              event.subjectId === subjectId &&
              event.sequence === sequence &&
              (event.eventId !== eventId || event.type !== type),
          ),
        )
        .map((event) => `${nameOf(event)}, number ${event.sequence}, came under several ids`),
  },
  {
    id: 'EVENT-DATA',
    sentence: 'An event describes its own subject, in the state that its type names.',
    kind: 'history',
    check: ({ sight }) =>
      sight.events
        .filter((event) => {
          const { id, types } = describedBy(event)
          return id !== event.subjectId || !types.includes(event.type) || event.data.sequence !== event.sequence
        })
        .map((event) => `${nameOf(event)} describes ${JSON.stringify(event.data)}`),
  },
  {
    id: 'NO-PHANTOM',
    sentence: 'Only stored events are sent.',
    kind: 'history',
    check: ({ sight, receiver }) =>
      receiver.attempts
        .filter(({ event }) => !sight.events.some(({ eventId }) => eventId === event.eventId))
        .map(({ event }) => `${nameOf(event)} was sent, but it is not stored`),
  },
  {
    id: 'PER-SUBJECT-ORDER',
    sentence: 'The events of one subject arrive in sequence; one that was dead may come late.',
    kind: 'history',
    check: (run) => {
      const { attempts } = run.receiver
      const dead = new Set(attempts.filter(({ sent }) => sent.kind === 'refused').map(({ event }) => event.eventId))
      const newest = new Map<string, number>()
      const problems: string[] = []
      for (const event of arrivedOf(run)) {
        const { sequence, eventId } = event
        const subject = subjectKey(event)
        const before = newest.get(subject) ?? 0
        if (sequence < before && !dead.has(eventId)) {
          problems.push(`event ${sequence} of ${subject} came after ${before}`)
        }
        newest.set(subject, Math.max(before, sequence))
      }
      return problems
    },
  },
]
