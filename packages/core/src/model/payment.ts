import { type Instant, iso } from '../shared/instant.js'
import type { Order } from './order.js'
import { type OrderView, orderView } from './order-view.js'
import { currencyField, type ViewContext } from './view-context.js'

/** The payment of an order: one per order, immutable. */
export interface Payment {
  /** The payment's id. */
  readonly paymentId: string
  /** The order that was paid. */
  readonly orderId: string
  /** The user who paid. */
  readonly userId: string
  /** What was paid, in the currency's minor unit: the final amount of the order. */
  readonly amount: number
  /** The balance after it, in the currency's minor unit. */
  readonly balance: number
  /** When it was paid. */
  readonly paidAt: Instant
}

/** A payment with its order. */
export interface PaymentView {
  /** The payment's id. */
  readonly paymentId: string
  /** The order that was paid. */
  readonly orderId: string
  /** The user who paid. */
  readonly userId: string
  /** What was paid, in the currency's minor unit, 0 to 2^53 - 1: the final amount of the order. */
  readonly amount: number
  /** The user's balance after it, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly balance: number
  /** When it was paid: ISO 8601 in UTC. */
  readonly paidAt: string
  /** The order as it is now. */
  readonly order: OrderView
  /** The currency of the amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

export const paymentView = (payment: Payment, order: Order, context: ViewContext): PaymentView => ({
  paymentId: payment.paymentId,
  orderId: payment.orderId,
  userId: payment.userId,
  amount: payment.amount,
  balance: payment.balance,
  paidAt: iso(payment.paidAt),
  order: orderView(order, context),
  ...currencyField(context),
})
