import type { ExcessiveLine } from '../shared/refusal.js'
import { type Order, refundedAmountOf, refundedUnits } from './order.js'
import type { OrderView } from './order-view.js'
import { netAmounts, shareOf } from './share.js'

/** floor(net × units / quantity), computed within the exact integers. */
const netOfFirst = (units: number, { net, quantity }: { net: number; quantity: number }): number => {
  const rest = net % quantity
  return ((net - rest) / quantity) * units + Math.floor((rest * units) / quantity)
}

/** How many units of one product to refund. */
export interface RefundDemand {
  /** The product's id. */
  readonly productId: string
  /** Units, at least 1. */
  readonly quantity: number
}

/** Everything that is left to refund. */
export const everythingLeft = (order: Order): readonly RefundDemand[] => {
  const refunded = refundedUnits(order)
  return order.lines.flatMap(({ productId, quantity }) => {
    const left = quantity - (refunded.get(productId) ?? 0)
    return left > 0 ? [{ productId, quantity: left }] : []
  })
}

/** The demands, one for each product, that exceed what is left of the order. */
export const excessiveLines = (order: Order, demands: readonly RefundDemand[]): readonly ExcessiveLine[] => {
  const left = new Map(everythingLeft(order).map(({ productId, quantity }) => [productId, quantity]))
  return demands.flatMap(({ productId, quantity: requested }) => {
    const refundable = left.get(productId) ?? 0
    return requested > refundable ? [{ productId, requested, refundable }] : []
  })
}

/** What a refund gives back, in all and for each demand, and whether the discount is withdrawn afterwards. */
export interface RefundAmounts {
  /** In the currency's minor unit. */
  readonly amount: number
  /** The parts of `amount`, one for each demand. */
  readonly amounts: readonly number[]
  /** Whether the order has lost its discount. */
  readonly isDiscountWithdrawn: boolean
}

/** What decides how much a refund gives back. */
interface Refundable extends Pick<Order, 'lines' | 'discountAmount' | 'finalAmount' | 'discountedProductIds'> {
  readonly units: ReadonlyMap<string, number>
  readonly refundedAmount: number
  readonly isDiscountWithdrawn: boolean
}

const amountsOf = (order: Refundable, demands: readonly RefundDemand[], minimum: number | undefined): RefundAmounts => {
  const nets = netAmounts(order)
  const demanded = new Map(demands.map(({ productId, quantity }) => [productId, quantity]))
  let remainingUnits = 0
  let remainingPrice = 0
  let discountedPrice = 0
  const { discountedProductIds } = order
  const amountOf = new Map<string, number>()
  for (const [index, { productId, quantity, unitPrice }] of order.lines.entries()) {
    const before = order.units.get(productId) ?? 0
    const after = before + (demanded.get(productId) ?? 0)
    const line = { net: nets[index] as number, quantity }
    amountOf.set(productId, netOfFirst(after, line) - netOfFirst(before, line))
    remainingUnits += quantity - after
    remainingPrice += unitPrice * (quantity - after)
    if (discountedProductIds === null || discountedProductIds.includes(productId))
      discountedPrice += unitPrice * (quantity - after)
  }
  const isMissed = minimum !== undefined && remainingUnits > 0 && discountedPrice < minimum
  if (!order.isDiscountWithdrawn && !isMissed) {
    const amounts = demands.map(({ productId }) => amountOf.get(productId) ?? 0)
    return { amount: amounts.reduce((sum, each) => sum + each, 0), amounts, isDiscountWithdrawn: false }
  }
  const amount = Math.max(0, order.finalAmount - order.refundedAmount - remainingPrice)
  const priceOf = new Map(order.lines.map(({ productId, unitPrice }) => [productId, unitPrice]))
  const weights = demands.map(({ productId, quantity }) => quantity * (priceOf.get(productId) ?? 0))
  return { amount, amounts: shareOf(amount, weights), isDiscountWithdrawn: true }
}

/**
 * What a refund of these units gives back. No demand exceeds what is left.
 *
 * Of a line with quantity Q and net amount N, of which r units are refunded, k more units give back
 * floor(N(r + k) / Q) - floor(N r / Q). So all ways of refunding everything add up to the final amount.
 *
 * Where `minimum` is given, units remain, and the full price of those that share the discount is below it, the discount is
 * withdrawn: the refund is what was paid, less what is refunded, less the full price of all units that remain, but at least
 * 0. It stays withdrawn.
 */
export const refundAmounts = (
  order: Order,
  demands: readonly RefundDemand[],
  minimum: number | undefined,
): RefundAmounts =>
  amountsOf(
    {
      ...order,
      units: refundedUnits(order),
      refundedAmount: refundedAmountOf(order),
      isDiscountWithdrawn: order.discountWithdrawnBy !== null,
    },
    demands,
    minimum,
  )

/**
 * What a refund of these units would give back, in the currency's minor unit. No demand exceeds what is left, and names a
 * product once. `minimum` is the coupon's, where policy `refund.whenMinimumIsMissed` withdraws the discount; without it, the
 * order keeps its discount.
 *
 * @example previewRefund(order, [{ productId: 'mug', quantity: 1 }])
 */
export const previewRefund = (order: OrderView, demands: readonly RefundDemand[], minimum?: number): number => {
  const refunded = order.lines.flatMap(({ productId, refundedQuantity: quantity = 0 }) =>
    quantity > 0 ? [{ productId, quantity }] : [],
  )
  const discountedProductIds = order.discountedProductIds ?? null
  const intact = {
    ...order,
    discountedProductIds,
    units: new Map<string, number>(),
    refundedAmount: 0,
    isDiscountWithdrawn: false,
  }
  const { refundedAmount = 0 } = order
  // An order that has lost its discount has given back less than its refunded units were worth with it.
  const isDiscountWithdrawn = refundedAmount < amountsOf(intact, refunded, undefined).amount
  const units = new Map(refunded.map(({ productId, quantity }) => [productId, quantity]))
  return amountsOf({ ...order, discountedProductIds, units, refundedAmount, isDiscountWithdrawn }, demands, minimum)
    .amount
}
