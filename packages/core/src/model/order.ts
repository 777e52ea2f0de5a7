import { hasPassed, type Instant, iso, isoOrNull } from '../shared/instant.js'
import type { ShortLine } from '../shared/refusal.js'

/**
 * - `pending`: placed, not paid.
 * - `paid`: paid from the balance.
 * - `failed`: ended because the balance did not suffice.
 * - `cancelled`: ended before it was paid.
 * - `expired`: not paid before its deadline.
 * - `refunded`: paid, and paid back.
 */
export type OrderStatus = 'pending' | 'paid' | 'failed' | 'cancelled' | 'expired' | 'refunded'

/** Every {@link OrderStatus}. */
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

/** One product of an order. Name and price are frozen when the order is placed. */
export interface OrderLine {
  /** The product's id. */
  readonly productId: string
  /** The product's name when the order was placed. */
  readonly name: string
  /** Price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly unitPrice: number
  /** Units, 1 to 1,000,000: at most 100 lines of 10,000 are summed. */
  readonly quantity: number
  /** `unitPrice` × `quantity`, in the currency's minor unit. */
  readonly amount: number
}

/** An order as stored. It records what it reserved when it was placed, so that later policy changes do not affect it. */
export interface Order {
  /** The order's id. */
  readonly orderId: string
  /** The user who placed it. */
  readonly userId: string
  /** As stored: an overdue order may still be `pending` here. */
  readonly status: OrderStatus
  /** One line per product. */
  readonly lines: readonly OrderLine[]
  /** Lines that were dropped for insufficient stock, under policy `stock.shortage: 'drop-lines'`. */
  readonly droppedLines: readonly ShortLine[]
  /** The coupon that it uses; null without a coupon. */
  readonly couponId: string | null
  /** Sum of the lines, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly totalAmount: number
  /** The discount of the coupon, in the currency's minor unit, 0 to `totalAmount`. */
  readonly discountAmount: number
  /** `totalAmount` less `discountAmount`, in the currency's minor unit. */
  readonly finalAmount: number
  /** Whether the order held its stock when it was placed, or payment takes it. */
  readonly stockTakenAt: 'order' | 'payment'
  /** Whether the order used its coupon when it was placed, or payment uses it. */
  readonly couponConsumedAt: 'order' | 'payment'
  /** When it was placed. */
  readonly createdAt: Instant
  /** When an order that is not paid at once expires. Kept on `expired`, null in every other final status. */
  readonly expiresAt: Instant | null
  /** When it was paid; null before. Kept on `refunded`. */
  readonly paidAt: Instant | null
  /** The payment's id; null before it is paid. */
  readonly paymentId: string | null
  /** How many events the order has: the sequence of the newest one. */
  readonly events: number
}

/** The part of an order that never changes: enough to name the rows that a command on it needs. */
export interface OrderOutline {
  /** The order's id. */
  readonly orderId: string
  /** The user who placed it. */
  readonly userId: string
  /** The coupon that it uses; null without a coupon. */
  readonly couponId: string | null
  /** The products of its lines. */
  readonly productIds: readonly string[]
}

/** The outline of an order. */
export const outlineOf = ({ orderId, userId, couponId, lines }: Order): OrderOutline => ({
  orderId,
  userId,
  couponId,
  productIds: lines.map(({ productId }) => productId),
})

/** Whether the deadline of a pending order has passed. The order then counts as expired, even before a sweep. */
export const isOverdue = ({ status, expiresAt }: Order, now: Instant): boolean =>
  status === 'pending' && expiresAt !== null && hasPassed(expiresAt, now)

/** The status by the clock: `expired` from the deadline on. */
export const statusAt = (order: Order, now: Instant): OrderStatus => (isOverdue(order, now) ? 'expired' : order.status)

/** An order as its user and administrators see it. */
export interface OrderView {
  /** The order's id. */
  readonly orderId: string
  /** The user who placed it. */
  readonly userId: string
  /** By the clock: an unpaid order is `expired` from its deadline on. */
  readonly status: OrderStatus
  /** One line per product, in the order in which the request first names them. */
  readonly lines: readonly OrderLine[]
  /** Lines that were dropped for insufficient stock, under policy `stock.shortage: 'drop-lines'`. */
  readonly droppedLines: readonly ShortLine[]
  /** The coupon that it uses; null without a coupon. */
  readonly couponId: string | null
  /** Sum of the lines, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly totalAmount: number
  /** The discount of the coupon, in the currency's minor unit, 0 to `totalAmount`. */
  readonly discountAmount: number
  /** `totalAmount` less `discountAmount`, in the currency's minor unit. */
  readonly finalAmount: number
  /** When it was placed: ISO 8601 in UTC. */
  readonly createdAt: string
  /** When it expires if it is not paid: ISO 8601 in UTC. Set while `pending`, kept on `expired`, otherwise null. */
  readonly expiresAt: string | null
  /** When it was paid: ISO 8601 in UTC; null before. Kept on `refunded`. */
  readonly paidAt: string | null
  /** The payment's id; absent before it is paid. Kept on `refunded`. */
  readonly paymentId?: string | undefined
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
  ...(order.paymentId !== null && { paymentId: order.paymentId }),
})
