import type { NewId } from '../shared/id.js'
import { type Instant, iso, isoOrNull } from '../shared/instant.js'
import { type Order, type OrderView, orderView } from './order.js'

export type EventType = 'order.paid' | 'order.failed' | 'order.cancelled' | 'order.expired' | 'order.refunded'

/** Sent events are kept at least this long: until then, the audit can tell that none is missing. */
export const minSentRetentionMs = 24 * 3_600_000

export type EventStatus = 'pending' | 'sent' | 'dead'

export const eventStatuses: readonly EventStatus[] = ['pending', 'sent', 'dead']

/** The order as it was, and the event's place among the events of that order, counted from 1. */
export type EventData = OrderView & { readonly sequence: number }

/** Something the data platform is told: committed with the change it tells of, sent afterwards, at least once. */
export interface OutboxEvent {
  /** Stable over every attempt to send it. */
  readonly eventId: string
  readonly type: EventType
  readonly orderId: string
  readonly sequence: number
  readonly data: EventData
  readonly at: Instant
  readonly status: EventStatus
  readonly attempts: number
  /** Not sent before this. */
  readonly nextAttemptAt: Instant
  readonly lastError: string | null
}

type Ended = Exclude<Order['status'], 'pending'>

/** The order in its new status with its event counted, and that event: the only way an order changes status. */
export const record = (
  order: Order & { readonly status: Ended },
  { now, newId }: { readonly now: Instant; readonly newId: NewId },
): { readonly order: Order; readonly event: OutboxEvent } => {
  const sequence = order.events + 1
  const counted = { ...order, events: sequence }
  const event: OutboxEvent = {
    eventId: newId(),
    type: `order.${order.status}`,
    orderId: order.orderId,
    sequence,
    data: { ...orderView(counted, now), sequence },
    at: now,
    status: 'pending',
    attempts: 0,
    nextAttemptAt: now,
    lastError: null,
  }
  return { order: counted, event }
}

export interface EventView {
  readonly eventId: string
  readonly type: EventType
  readonly orderId: string
  readonly sequence: number
  readonly status: EventStatus
  readonly attempts: number
  readonly at: string
  /** When it is tried next; null once it is sent or dead. */
  readonly nextAttemptAt: string | null
  readonly lastError: string | null
  readonly data: EventData
}

export const eventView = (event: OutboxEvent): EventView => ({
  eventId: event.eventId,
  type: event.type,
  orderId: event.orderId,
  sequence: event.sequence,
  status: event.status,
  attempts: event.attempts,
  at: iso(event.at),
  nextAttemptAt: event.status === 'pending' ? isoOrNull(event.nextAttemptAt) : null,
  lastError: event.lastError,
  data: event.data,
})
