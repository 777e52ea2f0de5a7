import { accept, adjustDailySales, type Context, defineCommand, put, refuse } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { sumOf } from '../../model/lot.js'
import { type Order, type Refund, refundedAmountOf, refundsOf, statusAt, usesCoupon } from '../../model/order.js'
import { record } from '../../model/order-events.js'
import { type OrderView, orderView } from '../../model/order-view.js'
import { reference } from '../../model/reference.js'
import { everythingLeft, excessiveLines, type RefundDemand, refundAmounts } from '../../model/refund.js'
import { dayOf } from '../../shared/calendar.js'
import { boolean, checkedElsewhere, checkFields, id, integer, optional, text } from '../../shared/check.js'
import { invariant } from '../../shared/invariant.js'
import { maxMoney, maxOrderLines, maxReasonLength } from '../../shared/limits.js'
import type { InvalidField } from '../../shared/refusal.js'
import { orderLocks, returnCoupon } from '../order/release-order.js'
import { putEvent } from '../put-event.js'
import { returnStock, sumDemand, writeOff } from '../stock.js'
import { creditRefund, returnedLots } from './credit-refund.js'

/** Input of {@link refundOrder}. */
export interface RefundOrder {
  /** The order's id. */
  readonly orderId: string
  /**
   * What is refunded: 1 to 100 lines. Lines that name the same product are summed.
   * @default everything that is left
   */
  readonly lines?: readonly RefundDemand[] | undefined
  /**
   * Whether the units go back to the stock; otherwise they are written off.
   * @default true
   */
  readonly restock?: boolean | undefined
  /**
   * Why it is refunded: 1 to 200 code points, shown with the refund and its entry.
   * @default no reason
   */
  readonly reason?: string | undefined
  /**
   * The caller's name for this refund: 1 to 200 visible ASCII characters. It is unique among refunds, for ever: the same
   * request is answered with the first result, another one is refused.
   * @default no reference
   */
  readonly reference?: string | undefined
}

const checkLines = (lines: readonly RefundDemand[] | undefined): readonly InvalidField[] => {
  if (lines === undefined) return []
  if (!Array.isArray(lines) || lines.length < 1 || lines.length > maxOrderLines) {
    return [{ path: 'lines', message: `must be 1 to ${maxOrderLines} lines` }]
  }
  return lines.flatMap((line, index) =>
    checkFields(line, { productId: id, quantity: integer(1, maxMoney) }, `lines[${index}].`),
  )
}

/** The coupon's minimum, where missing it withdraws the discount. */
const minimumOf = (facts: Facts, { couponId }: Order, { policies }: Context): number | undefined => {
  if (couponId === null || policies.refund.whenMinimumIsMissed === 'keep-discount') return undefined
  return facts.couponTerms(couponId)?.minimumOrderAmount ?? undefined
}

type Refunded = Order & { readonly status: 'paid' | 'refunded' }

/** The order after the refund, and the refund itself. */
const refunded = (
  facts: Facts,
  order: Order,
  { input, demands, context }: { input: RefundOrder; demands: readonly RefundDemand[]; context: Context },
): { readonly order: Refunded; readonly refund: Refund } => {
  const { amount, amounts, isDiscountWithdrawn } = refundAmounts(order, demands, minimumOf(facts, order, context))
  const refund: Refund = {
    refundId: context.newId(),
    amount,
    bonusAmount: sumOf(returnedLots(order, amount)),
    lines: demands.map(({ productId, quantity }, index) => ({
      productId,
      quantity,
      amount: amounts[index] as number,
    })),
    restocked: input.restock ?? true,
    reason: input.reason ?? null,
    reference: input.reference ?? null,
    at: context.now,
  }
  const changed = {
    ...order,
    status: 'paid' as const,
    refundedAmount: refundedAmountOf(order) + amount,
    refunds: [...refundsOf(order), refund],
    discountWithdrawnBy: order.discountWithdrawnBy ?? (isDiscountWithdrawn ? refund.refundId : null),
  }
  return { refund, order: everythingLeft(changed).length > 0 ? changed : { ...changed, status: 'refunded' as const } }
}

/**
 * Refunds units of a paid order: pays back their share of the final amount, even above policy `charge.balanceLimit`, to
 * where the money came from, what was spent last first. Subtracts the units from the daily sums of the day of payment. The
 * order is `refunded` with its last unit; then, or when its discount is withdrawn, the coupon comes back.
 * Refused: INVALID_REQUEST, REFERENCE_REUSED, ORDER_NOT_FOUND, ORDER_NOT_PAID, REFUND_EXCEEDS_ORDER,
 * BALANCE_LIMIT_EXCEEDED (above 2^53 - 1). The first that applies.
 *
 * @example await shop.execute(refundOrder, { orderId, lines: [{ productId: 'mug', quantity: 1 }], reason: 'scratched' })
 */
export const refundOrder = defineCommand<RefundOrder, OrderView>({
  name: 'refund-order',
  check: (input) => [
    ...checkFields(input, {
      orderId: id,
      lines: checkedElsewhere,
      restock: optional(boolean),
      reason: optional(text(maxReasonLength)),
      reference: optional(reference),
    }),
    ...checkLines(input?.lines),
  ],
  reference: ({ reference }) => (reference === undefined ? undefined : { kind: 'refund', owner: '', reference }),
  prefetch: ({ orderId }) => ({ orders: [orderId] }),
  keys({ orderId }, { outlines, policies }) {
    const outline = outlines.order(orderId)
    if (!outline) return {}
    const readsTerms = outline.couponId !== null && policies.refund.whenMinimumIsMissed === 'withdraw-discount'
    return {
      lock: { ...orderLocks(outline), wallets: [outline.userId] },
      ...(readsTerms && { read: { terms: [outline.couponId as string] } }),
    }
  },
  decide(facts, input, context) {
    const { orderId } = input
    const { now, policies } = context
    const order = facts.order(orderId)
    if (!order) return refuse({ code: 'ORDER_NOT_FOUND', orderId })
    if (order.status !== 'paid') return refuse({ code: 'ORDER_NOT_PAID', orderId, orderStatus: statusAt(order, now) })
    const demands = input.lines ? sumDemand(input.lines) : everythingLeft(order)
    const excessive = excessiveLines(order, demands)
    if (excessive.length > 0) return refuse({ code: 'REFUND_EXCEEDS_ORDER', lines: excessive })
    const found = facts.wallet(order.userId)
    invariant(found && order.paidAt !== null, `order ${orderId} is paid but has no wallet or no time of payment`)
    const { order: after, refund } = refunded(facts, order, { input, demands, context })
    if (found.balance + refund.amount > maxMoney) {
      return refuse({ code: 'BALANCE_LIMIT_EXCEEDED', limit: maxMoney, balance: found.balance })
    }
    const credit = creditRefund(found, order, refund, context)
    const changed = record(after, context)
    const { timeZone } = policies.ranking
    const day = dayOf(order.paidAt, timeZone)
    return accept(
      orderView(changed.order, context),
      [
        put('orders', changed.order),
        put('wallets', credit.wallet),
        put('entries', credit.refund),
        ...credit.expiries.map((entry) => put('entries', entry)),
        ...putEvent(changed.event),
        ...(refund.restocked ? returnStock(facts, demands) : writeOff(facts, demands)),
        ...(usesCoupon(after, now) ? [] : returnCoupon(facts, order)),
        ...demands.map(({ productId, quantity }) =>
          adjustDailySales({ timeZone, day, productId, quantity: -quantity }),
        ),
      ],
      { userId: order.userId, subjectId: refund.refundId, entry: credit.refund.sequence },
    )
  },
})
