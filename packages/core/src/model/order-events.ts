import { defaultEventTypes, type EventType, type OrderEventType, orderEventTypes } from '../policies/event-types.js'
import type { Instant } from '../shared/instant.js'
import { type EventContext, type OutboxEvent, pendingEvent } from './event.js'
import { sumOf } from './lot.js'
import { type Order, refundsOf } from './order.js'
import { orderView } from './order-view.js'

type Ended = Exclude<Order['status'], 'pending'>

const typesByPolicy = new WeakMap<readonly EventType[], Order['eventTypes']>()

/** The types of events that an order placed under this policy has, as the order records them; null for the usual ones. */
export const orderTypesUnder = (events: readonly EventType[]): Order['eventTypes'] => {
  const known = typesByPolicy.get(events)
  if (known !== undefined) return known
  const types = orderEventTypes.filter((type) => events.includes(type))
  const isUsual = orderEventTypes.every((type) => types.includes(type) === defaultEventTypes.includes(type))
  const recorded = isUsual ? null : types
  typesByPolicy.set(events, recorded)
  return recorded
}

const has = ({ eventTypes }: Pick<Order, 'eventTypes'>, type: OrderEventType): boolean =>
  (eventTypes ?? defaultEventTypes).includes(type)

/** Everything that has happened to an order of this state, in order, whether or not it has events of that. */
const happened = (order: Order): readonly OrderEventType[] => {
  const { status } = order
  if (status === 'pending') return ['order.placed']
  if (status !== 'paid' && status !== 'refunded') return ['order.placed', `order.${status}`]
  const refunds = refundsOf(order).map((): OrderEventType => 'order.partially-refunded')
  return [
    'order.placed',
    'order.paid',
    ...(status === 'refunded' ? [...refunds.slice(1), 'order.refunded' as const] : refunds),
  ]
}

/** The types of the events that an order of this state has had, in order. */
export const eventTypesOf = (order: Order): readonly OrderEventType[] =>
  happened(order).filter((type) => has(order, type))

type What = Pick<OutboxEvent, 'sequence'> & { readonly type: OrderEventType }

/** The event shows the order as of `shownAt`. */
const eventOf = (order: Order, { type, sequence }: What, change: EventContext, shownAt = change.now): OutboxEvent =>
  pendingEvent(
    { type, subject: 'order', subjectId: order.orderId, sequence },
    orderView(order, { ...change, now: shownAt }),
    change,
  )

/** An order after a change, and the event of the change; undefined if the order has no events of this type. */
export interface RecordedOrder {
  /** The order, which counts the event. */
  readonly order: Order
  /** The event. */
  readonly event: OutboxEvent | undefined
}

const recordAs = (order: Order, type: OrderEventType, change: EventContext): RecordedOrder => {
  if (!has(order, type)) return { order, event: undefined }
  const counted = { ...order, events: order.events + 1 }
  return { order: counted, event: eventOf(counted, { type, sequence: counted.events }, change) }
}

/** Records that the order is placed. */
export const recordPlaced = (order: Order, change: EventContext): RecordedOrder =>
  recordAs(order, 'order.placed', change)

/** Records the new status or the refund of an order: both change only through this function. */
export const record = (order: Order & { readonly status: Ended }, change: EventContext): RecordedOrder =>
  recordAs(
    order,
    order.status === 'paid' && order.refunds !== null ? 'order.partially-refunded' : `order.${order.status}`,
    change,
  )

/** The order as it was after the thing of this place in {@link happened}. A paid order no longer knows its deadline. */
const orderAfter = (order: Order, place: number): Order => {
  if (place === 0) {
    const unpaid = { paidAt: null, paymentId: null, sources: null, refundedAmount: null, refunds: null }
    return { ...order, status: 'pending', ...unpaid, discountWithdrawnBy: null }
  }
  const refunds = refundsOf(order)
  if (order.status !== 'paid' && order.status !== 'refunded') return order
  if (place > refunds.length) return order
  const earlier = refunds.slice(0, place - 1)
  return {
    ...order,
    status: 'paid',
    refunds: earlier.length === 0 ? null : earlier,
    refundedAmount: earlier.length === 0 ? null : sumOf(earlier),
  }
}

/** The time as of which the event of this place shows the order: a placed order has not expired yet. */
const shownAt = (order: Order, place: number, now: Instant): Instant => (place === 0 ? order.createdAt : now)

/** The events that an order has had but that are not `present`, and how many it has had. They are sent as of now. */
export const missingEvents = (
  order: Order,
  present: readonly number[],
  change: EventContext,
): { readonly missing: readonly OutboxEvent[]; readonly count: number } => {
  let count = 0
  const missing = happened(order).flatMap((type, place) => {
    if (!has(order, type)) return []
    count += 1
    if (present.includes(count)) return []
    const what = { type, sequence: count }
    return [eventOf(orderAfter(order, place), what, change, shownAt(order, place, change.now))]
  })
  return { missing, count }
}
