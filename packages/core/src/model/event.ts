import type { NewId } from '../shared/id.js'
import { type Instant, iso, isoOrNull } from '../shared/instant.js'
import { sumOf } from './lot.js'
import { type Order, refundsOf } from './order.js'
import { type OrderView, orderView } from './order-view.js'
import type { ViewContext } from './view-context.js'

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

/** Whether events of an order may have been sent and purged. Those of a younger order cannot have been. */
export const mayBePurged = ({ createdAt }: Pick<Order, 'createdAt'>, now: Instant): boolean =>
  createdAt < now - minSentRetentionMs

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

type Change = ViewContext & { readonly newId: NewId; readonly traceparent?: string | undefined }

/** The types of the events that an order of this state has had, in order. */
export const eventTypesOf = (order: Order): readonly EventType[] => {
  const { status } = order
  if (status === 'pending') return []
  if (status !== 'paid' && status !== 'refunded') return [`order.${status}`]
  const refunds = refundsOf(order).map((): EventType => 'order.partially-refunded')
  return ['order.paid', ...(status === 'refunded' ? [...refunds.slice(1), 'order.refunded' as const] : refunds)]
}

const eventOf = (
  order: Order,
  { type, sequence }: Pick<OutboxEvent, 'type' | 'sequence'>,
  change: Change,
): OutboxEvent => ({
  eventId: change.newId(),
  type,
  orderId: order.orderId,
  sequence,
  data: { ...orderView(order, change), sequence },
  at: change.now,
  status: 'pending',
  attempts: 0,
  nextAttemptAt: change.now,
  lastError: null,
  traceparent: change.traceparent ?? null,
})

/** The changed order, and the event of the change. An order changes status, or is refunded, only through this function. */
export const record = <Changed extends Order & { readonly status: Ended }>(
  order: Changed,
  change: Change,
): { readonly order: Changed; readonly event: OutboxEvent } => {
  const sequence = order.events + 1
  const type =
    order.status === 'paid' && order.refunds !== null ? 'order.partially-refunded' : (`order.${order.status}` as const)
  const counted = { ...order, events: sequence }
  return { order: counted, event: eventOf(counted, { type, sequence }, change) }
}

/** The order as it was after its event with this sequence. */
const orderAfter = (order: Order, sequence: number): Order => {
  const refunds = refundsOf(order)
  if (order.status !== 'paid' && order.status !== 'refunded') return order
  if (sequence > refunds.length) return order
  const earlier = refunds.slice(0, sequence - 1)
  return {
    ...order,
    status: 'paid',
    refunds: earlier.length === 0 ? null : earlier,
    refundedAmount: earlier.length === 0 ? null : sumOf(earlier),
  }
}

/** The events that an order has had but that are not `present`, and how many it has had. They are sent as of now. */
export const missingEvents = (
  order: Order,
  present: readonly number[],
  change: Change,
): { readonly missing: readonly OutboxEvent[]; readonly count: number } => {
  const types = eventTypesOf(order)
  const missing = types.flatMap((type, index) => {
    const sequence = index + 1
    return present.includes(sequence) ? [] : [eventOf(orderAfter(order, sequence), { type, sequence }, change)]
  })
  return { missing, count: types.length }
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
