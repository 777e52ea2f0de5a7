import { type Instant, iso } from '../shared/instant.js'
import { type Order, type OrderView, orderView } from './order.js'

/** That an order was paid: one per order, never changed. */
export interface Payment {
  readonly paymentId: string
  readonly orderId: string
  readonly userId: string
  readonly amount: number
  /** The balance after it. */
  readonly balance: number
  readonly paidAt: Instant
}

export interface PaymentView {
  readonly paymentId: string
  readonly orderId: string
  readonly userId: string
  readonly amount: number
  readonly balance: number
  readonly paidAt: string
  readonly order: OrderView
}

export const paymentView = (payment: Payment, order: Order, now: Instant): PaymentView => ({
  paymentId: payment.paymentId,
  orderId: payment.orderId,
  userId: payment.userId,
  amount: payment.amount,
  balance: payment.balance,
  paidAt: iso(payment.paidAt),
  order: orderView(order, now),
})
