import type { NewId } from '../shared/id.js'
import { type Instant, iso, isoOrNull } from '../shared/instant.js'
import { type Order, type OrderView, orderView } from './order.js'

/** What happened to an order. */
export type EventType =
  | 'order.paid'
  | 'order.failed'
  | 'order.cancelled'
  | 'order.expired'
  | 'order.partially-refunded'
  | 'order.refunded'

/** Sent events are kept at least this long, so that the audit can detect a missing one. */
export const minSentRetentionMs = 24 * 3_600_000

/** Waiting to be delivered, acknowledged by the receiver, or given up. */
export type EventStatus = 'pending' | 'sent' | 'dead'

/** Every {@link EventStatus}. */
export const eventStatuses: readonly EventStatus[] = ['pending', 'sent', 'dead']

/** The order at that time, and the event's place among the events of the order, counted from 1. */
export type EventData = OrderView & { readonly sequence: number }

/** An event of the transactional outbox. It commits with the change that it reports, and is then sent at least once. */
export interface OutboxEvent {
  /** The same in every attempt to send it. */
  readonly eventId: string
  /** What happened. */
  readonly type: EventType
  /** The order that changed. */
  readonly orderId: string
  /** The place among the events of this order, counted from 1. */
  readonly sequence: number
  /** The order at that time. */
  readonly data: EventData
  /** When it happened. */
  readonly at: Instant
  /** The state of its delivery. */
  readonly status: EventStatus
  /** Attempts to send it since it became pending. */
  readonly attempts: number
  /** Not sent before this time. */
  readonly nextAttemptAt: Instant
  /** Why the last attempt failed; null without a failure. */
  readonly lastError: string | null
  /** W3C trace context of the command that made it; null without one. */
  readonly traceparent: string | null
}

type Ended = Exclude<Order['status'], 'pending'>

/** The event of a change that leads to this order. A refund that leaves the order paid is a partial one. */
export const eventTypeOf = ({ status, refunds }: Order & { readonly status: Ended }): EventType =>
  status === 'paid' && refunds !== null ? 'order.partially-refunded' : `order.${status}`

/** The changed order, and the event of the change. An order changes status, or is refunded, only through this function. */
export const record = (
  order: Order & { readonly status: Ended },
  {
    now,
    newId,
    traceparent,
  }: { readonly now: Instant; readonly newId: NewId; readonly traceparent?: string | undefined },
): { readonly order: Order; readonly event: OutboxEvent } => {
  const sequence = order.events + 1
  const counted = { ...order, events: sequence }
  const event: OutboxEvent = {
    eventId: newId(),
    type: eventTypeOf(order),
    orderId: order.orderId,
    sequence,
    data: { ...orderView(counted, now), sequence },
    at: now,
    status: 'pending',
    attempts: 0,
    nextAttemptAt: now,
    lastError: null,
    traceparent: traceparent ?? null,
  }
  return { order: counted, event }
}

/** An event of the outbox as an administrator sees it. */
export interface EventView {
  /** The event's id: the same in every attempt to send it. */
  readonly eventId: string
  /** What happened. */
  readonly type: EventType
  /** The order that changed. */
  readonly orderId: string
  /** The place among the events of this order, counted from 1. */
  readonly sequence: number
  /** The state of its delivery. */
  readonly status: EventStatus
  /** Attempts to send it since it became pending. */
  readonly attempts: number
  /** When it happened: ISO 8601 in UTC. */
  readonly at: string
  /** When the next attempt is due: ISO 8601 in UTC; null once it is sent or dead. */
  readonly nextAttemptAt: string | null
  /** Why the last attempt failed; null without a failure. */
  readonly lastError: string | null
  /** The order at that time. */
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
