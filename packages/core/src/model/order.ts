import { hasPassed, type Instant, iso, isoOrNull } from '../shared/instant.js'
import type { ShortLine } from '../shared/refusal.js'

export type OrderStatus = 'pending' | 'paid' | 'failed' | 'cancelled' | 'expired' | 'refunded'

export const orderStatuses: readonly OrderStatus[] = ['pending', 'paid', 'failed', 'cancelled', 'expired', 'refunded']

/** The transitions that an order may make; every other is a bug. `failed`, `cancelled`, `expired`, `refunded` are final. */
export const orderTransitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['paid', 'failed', 'cancelled', 'expired'],
  paid: ['refunded'],
  failed: [],
  cancelled: [],
  expired: [],
  refunded: [],
}

/** Name and price are frozen when the order is placed. */
export interface OrderLine {
  readonly productId: string
  readonly name: string
  readonly unitPrice: number
  readonly quantity: number
  readonly amount: number
}

/** An order as stored. What it laid aside when it was placed stays written on it, so that a change of policy cannot confuse it. */
export interface Order {
  readonly orderId: string
  readonly userId: string
  readonly status: OrderStatus
  /** One line per product. */
  readonly lines: readonly OrderLine[]
  readonly droppedLines: readonly ShortLine[]
  readonly couponId: string | null
  readonly totalAmount: number
  readonly discountAmount: number
  readonly finalAmount: number
  /** Did placing hold the stock, or is it left to paying? */
  readonly stockTakenAt: 'order' | 'payment'
  readonly couponConsumedAt: 'order' | 'payment'
  readonly createdAt: Instant
  /** The deadline of an order that was not paid when it was placed; kept on `expired`, null in every other final status. */
  readonly expiresAt: Instant | null
  readonly paidAt: Instant | null
  readonly paymentId: string | null
  /** How many events the order has: the sequence of the newest one. */
  readonly events: number
}

/** What of an order never changes: enough to name the rows that a command on it needs. */
export interface OrderOutline {
  readonly orderId: string
  readonly userId: string
  readonly couponId: string | null
  readonly productIds: readonly string[]
}

export const outlineOf = ({ orderId, userId, couponId, lines }: Order): OrderOutline => ({
  orderId,
  userId,
  couponId,
  productIds: lines.map(({ productId }) => productId),
})

/** From its deadline on, an unpaid order counts as expired, whether or not a sweep has run. */
export const isOverdue = ({ status, expiresAt }: Order, now: Instant): boolean =>
  status === 'pending' && expiresAt !== null && hasPassed(expiresAt, now)

export const statusAt = (order: Order, now: Instant): OrderStatus => (isOverdue(order, now) ? 'expired' : order.status)

export interface OrderView {
  readonly orderId: string
  readonly userId: string
  readonly status: OrderStatus
  readonly lines: readonly OrderLine[]
  readonly droppedLines: readonly ShortLine[]
  readonly couponId: string | null
  readonly totalAmount: number
  readonly discountAmount: number
  readonly finalAmount: number
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly paidAt: string | null
}

export const orderView = (order: Order, now: Instant): OrderView => ({
  orderId: order.orderId,
  userId: order.userId,
  status: statusAt(order, now),
  lines: order.lines,
  droppedLines: order.droppedLines,
  couponId: order.couponId,
  totalAmount: order.totalAmount,
  discountAmount: order.discountAmount,
  finalAmount: order.finalAmount,
  createdAt: iso(order.createdAt),
  expiresAt: isoOrNull(order.expiresAt),
  paidAt: isoOrNull(order.paidAt),
})
