import { iso, isoOrNull } from '../shared/instant.js'
import type { ShortLine } from '../shared/refusal.js'
import type { Writable } from '../shared/writable.js'
import type { Metadata } from './metadata.js'
import {
  type Order,
  type OrderLine,
  type OrderStatus,
  type Refund,
  type RefundLine,
  refundedAmountOf,
  refundedUnits,
  refundsOf,
  statusAt,
} from './order.js'
import type { ViewContext } from './view-context.js'

/** One product of an order as its user and administrators see it. */
export interface OrderLineView extends OrderLine {
  /** Refunded units, at least 1; absent without a refunded unit. */
  readonly refundedQuantity?: number | undefined
}

/** A refund as the order's user and administrators see it. */
export interface RefundView {
  /** The refund's id. */
  readonly refundId: string
  /** What went back to the wallet, in the currency's minor unit. */
  readonly amount: number
  /** The part of `amount` that was bonus money, forfeited bonus money included; absent if it is 0. */
  readonly bonusAmount?: number | undefined
  /** One line per product, in the order in which the request first names them. */
  readonly lines: readonly RefundLine[]
  /** Whether the units went back to the stock; otherwise they are written off. */
  readonly restocked: boolean
  /** Why it was made; null without a reason. */
  readonly reason: string | null
  /** The reference of the request; null without one. */
  readonly reference: string | null
  /** When it was made: ISO 8601 in UTC. */
  readonly at: string
}

/** An order as its user and administrators see it. */
export interface OrderView {
  /** The order's id. */
  readonly orderId: string
  /** The user who placed it. */
  readonly userId: string
  /** By the clock: an unpaid order is `expired` from its deadline on. */
  readonly status: OrderStatus
  /** One line per product, in the order in which the request first names them. */
  readonly lines: readonly OrderLineView[]
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
  /** The products whose lines share the discount; absent if all lines do. */
  readonly discountedProductIds?: readonly string[] | undefined
  /** When it was placed: ISO 8601 in UTC. */
  readonly createdAt: string
  /** When it expires if it is not paid: ISO 8601 in UTC. Set while `pending`, kept on `expired`, otherwise null. */
  readonly expiresAt: string | null
  /** When it was paid: ISO 8601 in UTC; null before. Kept on `refunded`. */
  readonly paidAt: string | null
  /** The payment's id; absent before it is paid. Kept on `refunded`. */
  readonly paymentId?: string | undefined
  /** The reference of the request that placed it; absent without one. */
  readonly reference?: string | undefined
  /** Sum of its refunds, in the currency's minor unit; absent without a refund. */
  readonly refundedAmount?: number | undefined
  /** Its refunds, oldest first; absent without a refund. */
  readonly refunds?: readonly RefundView[] | undefined
  /** Data of the caller; absent without any. */
  readonly metadata?: Metadata | undefined
  /** The currency of the amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

const refundView = ({ bonusAmount, at, ...refund }: Refund): RefundView => ({
  ...refund,
  ...(bonusAmount !== 0 && { bonusAmount }),
  at: iso(at),
})

/** The fields that only an order with a refund has. */
const refundFields = (order: Order): Pick<OrderView, 'lines' | 'refundedAmount' | 'refunds'> | undefined => {
  const refunds = refundsOf(order)
  if (refunds.length === 0) return undefined
  const units = refundedUnits(order)
  return {
    lines: order.lines.map((line) => {
      const refundedQuantity = units.get(line.productId)
      return refundedQuantity === undefined ? line : { ...line, refundedQuantity }
    }),
    refundedAmount: refundedAmountOf(order),
    refunds: refunds.map(refundView),
  }
}

export const orderView = (order: Order, { now, currency }: ViewContext): OrderView => {
  const { paymentId, discountedProductIds, reference, metadata } = order
  const view: Writable<OrderView> = {
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
  }
  if (paymentId !== null) view.paymentId = paymentId
  if (discountedProductIds !== null) view.discountedProductIds = discountedProductIds
  if (reference !== null) view.reference = reference
  Object.assign(view, refundFields(order))
  if (metadata !== null) view.metadata = metadata
  if (currency !== undefined) view.currency = currency
  return view
}
