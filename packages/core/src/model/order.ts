import { hasPassed, type Instant } from '../shared/instant.js'
import type { ShortLine } from '../shared/refusal.js'
import type { MoneySource } from './lot.js'
import type { Metadata } from './metadata.js'
import { netAmounts } from './share.js'

/**
 * - `pending`: placed, not paid.
 * - `paid`: paid from the balance, and not refunded whole.
 * - `failed`: ended because the balance did not suffice.
 * - `cancelled`: ended before it was paid.
 * - `expired`: not paid before its deadline.
 * - `refunded`: every unit is refunded.
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
  /** The most units of the product that one user may have, when the order was placed; absent without a limit. */
  readonly purchaseLimit?: number | undefined
}

/** Units of one product that a refund took back. */
export interface RefundLine {
  /** The product's id. */
  readonly productId: string
  /** Units, at least 1. */
  readonly quantity: number
  /** The part of the refund that is for them, in the currency's minor unit. */
  readonly amount: number
}

/** A refund of some or all units of an order. */
export interface Refund {
  /** The refund's id. */
  readonly refundId: string
  /** What went back to the wallet, in the currency's minor unit, 0 to the order's final amount. */
  readonly amount: number
  /** The part of `amount` that was bonus money, forfeited bonus money included. */
  readonly bonusAmount: number
  /** One line per product, in the order in which the request first names them. */
  readonly lines: readonly RefundLine[]
  /** Whether the units went back to the stock; otherwise they are written off. */
  readonly restocked: boolean
  /** Why it was made; null without a reason. */
  readonly reason: string | null
  /** The reference of the request; null without one. */
  readonly reference: string | null
  /** When it was made. */
  readonly at: Instant
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
  /** The products whose lines share the discount; null if all lines do. */
  readonly discountedProductIds: readonly string[] | null
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
  /** The reference of the request that placed it; null without one. */
  readonly reference: string | null
  /** What paid for it, in the order in which it was spent; null if paid money paid for all of it. */
  readonly sources: readonly MoneySource[] | null
  /** Sum of its refunds, in the currency's minor unit; null without a refund. */
  readonly refundedAmount: number | null
  /** Its refunds, oldest first; null without a refund. */
  readonly refunds: readonly Refund[] | null
  /** The refund that withdrew the discount and released the coupon; null if the discount is kept. */
  readonly discountWithdrawnBy: string | null
  /** Data of the caller; null without any. */
  readonly metadata: Metadata | null
}

/**
 * The refunds of an order, oldest first. An order that an earlier release refunded whole has no record of it yet: it has
 * one refund of everything.
 */
export const refundsOf = (order: Order): readonly Refund[] => {
  if (order.refunds !== null) return order.refunds
  if (order.status !== 'refunded') return []
  const nets = netAmounts(order)
  return [
    {
      refundId: order.orderId,
      amount: order.finalAmount,
      bonusAmount: 0,
      lines: order.lines.map(({ productId, quantity }, index) => ({
        productId,
        quantity,
        amount: nets[index] as number,
      })),
      restocked: true,
      reason: null,
      reference: null,
      at: order.paidAt ?? order.createdAt,
    },
  ]
}

/** What has been refunded of an order, in the currency's minor unit. */
export const refundedAmountOf = ({ refundedAmount, status, finalAmount }: Order): number =>
  refundedAmount ?? (status === 'refunded' ? finalAmount : 0)

/** The refunded units of an order, by product. Products without a refunded unit are not in it. */
export const refundedUnits = (order: Order): ReadonlyMap<string, number> => {
  const units = new Map<string, number>()
  for (const { lines } of refundsOf(order)) {
    for (const { productId, quantity } of lines) units.set(productId, (units.get(productId) ?? 0) + quantity)
  }
  return units
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
export const isOverdue = ({ status, expiresAt }: Pick<Order, 'status' | 'expiresAt'>, now: Instant): boolean =>
  status === 'pending' && expiresAt !== null && hasPassed(expiresAt, now)

/** Whether an order that names a coupon uses it at `now`: it holds the coupon, or has paid with it and kept the discount. */
export const usesCoupon = (
  order: Pick<Order, 'status' | 'couponConsumedAt' | 'expiresAt' | 'discountWithdrawnBy'>,
  now: Instant,
): boolean =>
  order.status === 'paid'
    ? order.discountWithdrawnBy === null
    : order.status === 'pending' && order.couponConsumedAt === 'order' && !isOverdue(order, now)

/** Whether an order may hold units of a product: it is pending and has a line of it. */
export const holdsStock = ({ status, lines }: Pick<Order, 'status' | 'lines'>, productId: string): boolean =>
  status === 'pending' && lines.some((line) => line.productId === productId)

/** The status by the clock: `expired` from the deadline on. */
export const statusAt = (order: Order, now: Instant): OrderStatus => (isOverdue(order, now) ? 'expired' : order.status)

/** Whether an order is open: it is pending, and its deadline has not passed. */
export const isOpen = (order: Pick<Order, 'status' | 'expiresAt'>, now: Instant): boolean =>
  order.status === 'pending' && !isOverdue(order, now)

/**
 * The units of an order that count towards purchase limits, by product: all of an open order, and those of a paid one that
 * are not refunded.
 */
export const boughtUnits = (order: Order, now: Instant): ReadonlyMap<string, number> => {
  const bought = new Map<string, number>()
  if (order.status !== 'paid' && !isOpen(order, now)) return bought
  const refunded = refundedUnits(order)
  for (const { productId, quantity } of order.lines) {
    const units = quantity - (refunded.get(productId) ?? 0)
    if (units > 0) bought.set(productId, units)
  }
  return bought
}
