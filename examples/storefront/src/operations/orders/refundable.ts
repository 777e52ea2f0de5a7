import { previewRefund } from '@shop/core'
import type { Order } from '../../state/api.js'

/** Units to refund, by product. */
export type Units = Readonly<Record<string, number>>

type Line = Order['lines'][number]

/** The units of a line that are not refunded. */
export const leftOf = ({ quantity, refundedQuantity = 0 }: Line): number => quantity - refundedQuantity

export const everythingLeft = ({ lines }: Order): Units =>
  Object.fromEntries(lines.map((line) => [line.productId, leftOf(line)]))

/** The chosen units as a request names them. Units that were refunded meanwhile are left out. */
export const demandsOf = ({ lines }: Order, units: Units) =>
  lines.flatMap((line) => {
    const { productId } = line
    const quantity = Math.min(units[productId] ?? 0, leftOf(line))
    return quantity > 0 ? [{ productId, quantity }] : []
  })

/** What comes back if the shop keeps the discount, and if it withdraws the discount below the coupon's minimum. */
export const whatComesBack = (order: Order, units: Units, minimum: number | undefined) => {
  const demands = demandsOf(order, units)
  if (demands.length === 0) return undefined
  return { kept: previewRefund(order, demands), withdrawn: previewRefund(order, demands, minimum) }
}
