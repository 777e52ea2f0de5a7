import {
  type CouponEventType,
  type EventSubject,
  type EventType,
  type HistoryEventType,
  isOfOrder,
  type OrderEventType,
  type ProductEventType,
  type WalletEventType,
} from '../policies/event-types.js'
import type { NewId } from '../shared/id.js'
import { type Instant, iso, isoOrNull } from '../shared/instant.js'
import type { IssuedCouponView } from './coupon.js'
import type { HistoryLostView } from './history-loss.js'
import type { Order } from './order.js'
import type { OrderView } from './order-view.js'
import type { AdminProductView } from './product.js'
import type { ViewContext } from './view-context.js'
import type { UserEntryView } from './wallet.js'

export type {
  CouponEventType,
  EventSubject,
  EventType,
  HistoryEventType,
  OrderEventType,
  ProductEventType,
  StockEventType,
  WalletEventType,
} from '../policies/event-types.js'

/** Sent events are kept at least this long, so that the audit can detect a missing one. */
export const minSentRetentionMs = 24 * 3_600_000

/** Whether events of an order may have been sent and purged. Those of a younger order cannot have been. */
export const mayBePurged = ({ createdAt }: Pick<Order, 'createdAt'>, now: Instant): boolean =>
  createdAt < now - minSentRetentionMs

/** Waiting to be delivered, acknowledged by the receiver, or given up. */
export type EventStatus = 'pending' | 'sent' | 'dead'

/** Every {@link EventStatus}. */
export const eventStatuses: readonly EventStatus[] = ['pending', 'sent', 'dead']

/** The event's place among the events of its subject. */
export interface Sequenced {
  /** At least 1; it grows from event to event of a subject. Only those of orders have no gaps. */
  readonly sequence: number
}

/** The units of a product that can be ordered. */
export interface StockView {
  /** The product's id. */
  readonly productId: string
  /** Units that can be ordered, 0 to 10^12. Held units are not counted. */
  readonly stock: number
}

/**
 * What an event of this type tells.
 *
 * - `order.…`: the order at that time.
 * - `wallet.…`: the entry of the balance's history.
 * - `coupon.issued`: the issued copy.
 * - `product.changed`: the product as an administrator sees it.
 * - `stock.…`: the units that can be ordered.
 * - `history.lost`: what was lost.
 *
 * @example const { finalAmount } = event.data as EventDataOf<'order.paid'>
 */
export type EventDataOf<Type extends EventType> = Sequenced &
  (Type extends OrderEventType
    ? OrderView
    : Type extends WalletEventType
      ? UserEntryView
      : Type extends CouponEventType
        ? IssuedCouponView
        : Type extends ProductEventType
          ? AdminProductView
          : Type extends HistoryEventType
            ? HistoryLostView
            : StockView)

/** What an event tells: see {@link EventDataOf}. */
export type EventData = Sequenced & EventFacts

/** What an event tells without its sequence. */
export type EventFacts = OrderView | UserEntryView | IssuedCouponView | AdminProductView | StockView | HistoryLostView

/** An event of the transactional outbox. It commits with the change that it reports, and is then sent at least once. */
export interface OutboxEvent {
  /** The same in every attempt to send it. */
  readonly eventId: string
  /** What happened. */
  readonly type: EventType
  /** What it is about. It follows from the type. */
  readonly subject: EventSubject
  /** The id of the order, user, coupon, product or loss. */
  readonly subjectId: string
  /** The place among the events of this subject, at least 1 and growing. Those of an order are counted from 1. */
  readonly sequence: number
  /** What it tells, as of the time when it happened. */
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

/** Time, ids and trace context of a change that makes an event. */
export interface EventContext extends ViewContext {
  /** Makes the event's id. */
  readonly newId: NewId
  /** W3C trace context of the call; undefined without one. */
  readonly traceparent?: string | undefined
}

/** A pending event, due now. */
export const pendingEvent = (
  what: Pick<OutboxEvent, 'type' | 'subject' | 'subjectId' | 'sequence'>,
  view: EventFacts,
  { now, newId, traceparent }: EventContext,
): OutboxEvent => ({
  eventId: newId(),
  type: what.type,
  subject: what.subject,
  subjectId: what.subjectId,
  sequence: what.sequence,
  // A spread first, and a new field after it, would cost V8 five times as much.
  data: { sequence: what.sequence, ...view },
  at: now,
  status: 'pending',
  attempts: 0,
  nextAttemptAt: now,
  lastError: null,
  traceparent: traceparent ?? null,
})

/** One text for the subject of an event, different for different subjects. */
export const subjectKey = ({ subject, subjectId }: Pick<OutboxEvent, 'subject' | 'subjectId'>): string =>
  `${subject} ${subjectId}`

/** An event of the outbox as an administrator sees it. */
export interface EventView {
  /** The event's id: the same in every attempt to send it. */
  readonly eventId: string
  /** What happened. */
  readonly type: EventType
  /** What it is about. */
  readonly subject: EventSubject
  /** The id of the order, user, coupon, product or loss. */
  readonly subjectId: string
  /** The order that changed; absent if it is not about an order. */
  readonly orderId?: string | undefined
  /** The place among the events of this subject, at least 1 and growing. Those of an order are counted from 1. */
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
  /** What it tells, as of the time when it happened. */
  readonly data: EventData
}

export const eventView = (event: OutboxEvent): EventView => ({
  eventId: event.eventId,
  type: event.type,
  subject: event.subject,
  subjectId: event.subjectId,
  ...(isOfOrder(event.type) && { orderId: event.subjectId }),
  sequence: event.sequence,
  status: event.status,
  attempts: event.attempts,
  at: iso(event.at),
  nextAttemptAt: event.status === 'pending' ? isoOrNull(event.nextAttemptAt) : null,
  lastError: event.lastError,
  data: event.data,
})
