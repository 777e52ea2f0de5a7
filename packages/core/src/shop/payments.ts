import { type PayOrder, payOrder } from '../commands/payment/pay-order.js'
import type { Outcome } from '../engine/outcome.js'
import { type PaymentView, paymentView } from '../model/payment.js'
import { id, optional } from '../shared/check.js'
import { asOutcome, type CallOptions, type Execute, never, type Run } from './calls.js'
import { checkQuery, owned, type Reading, refuse } from './reading.js'

/** Input of {@link Payments.get}. */
export interface GetPayment {
  /** The payment's id. */
  readonly paymentId: string
  /**
   * The user who must have paid.
   * @default any user: an administrator reads
   */
  readonly userId?: string | undefined
}

/** Payments of orders, from the users' balances. */
export interface Payments {
  /**
   * Pays a pending order from its user's balance.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND | ORDER_NOT_FOUND | ORDER_NOT_PENDING | STOCK_INSUFFICIENT |
   * COUPON_ALREADY_USED | COUPON_EXPIRED | BALANCE_INSUFFICIENT (the first that applies). Under policy
   * `payment.onInsufficientBalance: 'fail-order'` the last one ends the order as `failed`.
   * @example const { paymentId } = await shop.payments.pay({ userId, orderId }, { idempotency: { scope: userId, key } })
   */
  pay(input: PayOrder, options?: CallOptions<PaymentView>): Promise<PaymentView>
  /**
   * A payment with its order. With `userId`, the payment of another user is PAYMENT_NOT_FOUND.
   * @throws ShopRefusal INVALID_REQUEST | PAYMENT_NOT_FOUND (the first that applies)
   * @example const { amount, order } = await shop.payments.get({ paymentId, userId })
   */
  get(query: GetPayment): Promise<PaymentView>
}

/** The commands of {@link Payments} in a transaction of the caller's: a refusal is a value. */
export interface PaymentsWithin {
  /** As {@link Payments.pay}, with the outcome as a value. */
  pay(input: PayOrder, options?: CallOptions<PaymentView>): Promise<Outcome<PaymentView>>
  /** As {@link Payments.get}, with the outcome as a value. */
  get(query: GetPayment): Promise<Outcome<PaymentView>>
}

export const paymentsOf = (run: Run, { reads, currency }: Reading): Payments => ({
  pay: (input, options) => run(payOrder, input, options),
  async get(query) {
    checkQuery(query, { paymentId: id, userId: optional(id) })
    const { paymentId, userId } = query
    const { now, found } = await reads.payment(paymentId)
    if (!found || !owned(found.order, userId)) return refuse({ code: 'PAYMENT_NOT_FOUND', paymentId })
    return paymentView(found, { now, currency })
  },
})

export const paymentsWithin = (execute: Execute, reading: Reading): PaymentsWithin => {
  const own = paymentsOf(never, reading)
  return {
    pay: (input, options) => execute(payOrder, input, options),
    get: asOutcome(own.get),
  }
}
