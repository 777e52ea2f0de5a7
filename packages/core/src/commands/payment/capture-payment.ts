import { adjustDailySales, type Change, type Context, put } from '../../engine/command.js'
import { lotsAmong } from '../../model/lot.js'
import type { Order } from '../../model/order.js'
import { record } from '../../model/order-events.js'
import type { Payment } from '../../model/payment.js'
import { openWallet, sourcesOf, takeOut, type Wallet } from '../../model/wallet.js'
import { dayOf } from '../../shared/calendar.js'
import type { Refusal } from '../../shared/refusal.js'
import { putEvent } from '../put-event.js'

export type CaptureResult =
  | { readonly ok: true; readonly payment: Payment; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly refusal: Refusal }

/**
 * Takes the final amount from the balance, in the order of policy `wallet.spend`, and marks the order as paid. Adds the
 * entry, the daily sums and the event. A user without a wallet has a balance of 0; a payment of 0 opens a
 * wallet. The caller handles stock and coupon. Refused: BALANCE_INSUFFICIENT.
 */
export const capturePayment = (found: Wallet | undefined, order: Order, context: Context): CaptureResult => {
  const { now, policies, newId } = context
  const { orderId, userId, finalAmount } = order
  const before = found ?? openWallet(userId, now)
  if (before.balance < finalAmount) {
    return { ok: false, refusal: { code: 'BALANCE_INSUFFICIENT', balance: before.balance, required: finalAmount } }
  }
  const sources = sourcesOf(before, finalAmount, policies.wallet.spend)
  const lots = lotsAmong(sources)
  const { wallet, entry } = takeOut(before, { kind: 'payment', orderId }, { amount: finalAmount, lots, now, newId })
  const paid = {
    ...order,
    status: 'paid',
    paidAt: now,
    expiresAt: null,
    paymentId: newId(),
    sources: lots.length === 0 ? null : sources,
  } as const
  const recorded = record(paid, context)
  const { timeZone } = policies.ranking
  const day = dayOf(now, timeZone)
  return {
    ok: true,
    payment: { order: recorded.order, balance: wallet.balance },
    changes: [
      put('orders', recorded.order),
      put('wallets', wallet),
      put('entries', entry),
      ...putEvent(recorded.event),
      ...order.lines.map(({ productId, quantity }) => adjustDailySales({ timeZone, day, productId, quantity })),
    ],
  }
}
