import { sumOf } from '../model/lot.js'
import { refundedAmountOf, refundedUnits, refundsOf } from '../model/order.js'
import { everythingLeft } from '../model/refund.js'
import { type AnyLaw, equal, holds } from './law.js'

/** The laws of refunds. */
export const refundLaws: readonly AnyLaw[] = [
  {
    id: 'REFUND-SUM',
    sentence:
      'The refunds of an order add up to its refunded amount and are what its entries returned. They never exceed what was paid or ordered, and equal it once every unit is refunded.',
    kind: 'always',
    subject: 'order',
    check({ order, entries }) {
      const refunds = refundsOf(order)
      const refunded = refundedAmountOf(order)
      const units = refundedUnits(order)
      const isOver = order.lines.some(({ productId, quantity }) => (units.get(productId) ?? 0) > quantity)
      const isWhole = refunds.length > 0 && everythingLeft(order).length === 0
      return (
        equal(
          [refunded, refunds.map(({ lines }) => sumOf(lines))],
          [sumOf(refunds), refunds.map(({ amount }) => amount)],
        ) ??
        equal(
          entries.filter(({ kind }) => kind === 'refund').map(({ amount, lots }) => [amount, sumOf(lots)]),
          refunds.map(({ amount, bonusAmount }) => [amount, bonusAmount]),
        ) ??
        holds(!isOver && refunded <= order.finalAmount, `at most ${order.finalAmount}`, refunded) ??
        equal([order.status === 'refunded', isWhole ? refunded : order.finalAmount], [isWhole, order.finalAmount])
      )
    },
  },
]
