import { iso } from '../shared/instant.js'
import { invariant } from '../shared/invariant.js'
import type { Order } from './order.js'
import { type OrderView, orderView } from './order-view.js'
import { currencyField, type ViewContext } from './view-context.js'

/**
 * The payment of an order: one per order, immutable. No row of its own keeps it. The order keeps its id, amount, user and
 * time, and the entry that took the amount keeps the balance after it.
 */
export interface Payment {
  /** The order, which is paid or refunded. */
  readonly order: Order
  /** The user's balance after the entry of kind `payment` that names the order, in the currency's minor unit. */
  readonly balance: number
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

export const paymentView = ({ order, balance }: Payment, context: ViewContext): PaymentView => {
  const { paymentId, orderId, userId, finalAmount, paidAt } = order
  invariant(paymentId !== null && paidAt !== null, `order ${orderId} has a payment but is not paid`)
  return {
    paymentId,
    orderId,
    userId,
    amount: finalAmount,
    balance,
    paidAt: iso(paidAt),
    order: orderView(order, context),
    ...currencyField(context),
  }
}
