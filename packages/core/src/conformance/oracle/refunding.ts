import type { RefundOrder } from '../../commands/payment/refund-order.js'
import type { Refusal } from '../../shared/refusal.js'
import { balanceOf, payBack, stretchOf } from './money.js'
import { end, type ModelResult } from './ordering.js'
import { backFor, share } from './shares.js'
import type { ModelState, OrderNote } from './state.js'
import { tellOrder } from './telling.js'
import { orderAnswer, refundedAmountOf, totalOf } from './views.js'

const no = (refusal: Refusal): ModelResult => ({ refusal })

interface Part {
  readonly productId: string
  quantity: number
}

const sharesDiscount = ({ discounted }: OrderNote, productId: string): boolean =>
  discounted === null || discounted.includes(productId)

/** What each line cost: its price less its share of the discount. */
export const netsOf = (order: OrderNote): number[] => {
  const prices = order.lines.map(({ unitPrice, quantity }) => unitPrice * quantity)
  const sharing = order.lines.flatMap((line, index) => (sharesDiscount(order, line.productId) ? [index] : []))
  const shares = share(
    order.discount,
    sharing.map((index) => prices[index] as number),
  )
  for (const [place, index] of sharing.entries()) prices[index] = (prices[index] as number) - (shares[place] as number)
  return prices
}

const unitsLeft = (notes: ModelState, order: OrderNote): Part[] =>
  order.lines
    .map(({ productId, quantity }) => ({ productId, quantity: quantity - notes.refundedOf(order, productId) }))
    .filter(({ quantity }) => quantity > 0)

const askedFor = (lines: NonNullable<RefundOrder['lines']>): Part[] => {
  const parts: Part[] = []
  for (const { productId, quantity } of lines) {
    const same = parts.find((part) => part.productId === productId)
    if (same) same.quantity += quantity
    else parts.push({ productId, quantity })
  }
  return parts
}

/** The full price of the units that this refund leaves in the order, of all products or of those that share the discount. */
const priceOfRest = (
  notes: ModelState,
  order: OrderNote,
  parts: readonly Part[],
  which: 'all' | 'discounted' = 'all',
): number => {
  let price = 0
  for (const { productId, unitPrice, quantity } of order.lines) {
    if (which === 'discounted' && !sharesDiscount(order, productId)) continue
    const goes = parts.find((part) => part.productId === productId)?.quantity ?? 0
    price += unitPrice * (quantity - notes.refundedOf(order, productId) - goes)
  }
  return price
}

/** Whether the order no longer deserves its discount: something is left, but less than the coupon asks for. */
const losesDiscount = (notes: ModelState, order: OrderNote, parts: readonly Part[]): boolean => {
  if (order.withdrawn) return true
  if (notes.policies.refund.whenMinimumIsMissed === 'keep-discount' || order.couponId === null) return false
  const left = unitsLeft(notes, order).reduce((sum, { quantity }) => sum + quantity, 0)
  const goes = parts.reduce((sum, { quantity }) => sum + quantity, 0)
  return left > goes && priceOfRest(notes, order, parts, 'discounted') < (notes.coupon(order.couponId)?.minimum ?? 0)
}

/** What each part gives back while the discount stays. */
const shareOfNet = (notes: ModelState, order: OrderNote, parts: readonly Part[]): number[] => {
  const nets = netsOf(order)
  return parts.map(({ productId, quantity: goes }) => {
    const index = order.lines.findIndex((line) => line.productId === productId)
    const { quantity } = order.lines[index] as OrderNote['lines'][number]
    const gone = notes.refundedOf(order, productId)
    const net = nets[index] as number
    return backFor(net, gone + goes, quantity) - backFor(net, gone, quantity)
  })
}

/** What each part gives back once the rest costs its full price. */
const shareWithoutDiscount = (notes: ModelState, order: OrderNote, parts: readonly Part[]): number[] => {
  const kept = totalOf(order) - order.discount - refundedAmountOf(order)
  const amount = kept - priceOfRest(notes, order, parts)
  const prices = parts.map(({ productId, quantity }) => {
    const line = order.lines.find((each) => each.productId === productId)
    return quantity * (line?.unitPrice ?? 0)
  })
  return share(Math.max(amount, 0), prices)
}

export const refund = (notes: ModelState, input: RefundOrder): ModelResult => {
  const { orderId, lines, restock = true, reason, reference } = input
  const order = notes.order(orderId)
  if (!order) return no({ code: 'ORDER_NOT_FOUND', orderId })
  if (order.written !== 'paid') return no({ code: 'ORDER_NOT_PAID', orderId, orderStatus: notes.statusOf(order) })
  const left = unitsLeft(notes, order)
  const parts = lines === undefined ? left : askedFor(lines)
  const tooMany = parts.flatMap(({ productId, quantity: requested }) => {
    const refundable = left.find((part) => part.productId === productId)?.quantity ?? 0
    return requested > refundable ? [{ productId, requested, refundable }] : []
  })
  if (tooMany.length > 0) return no({ code: 'REFUND_EXCEEDS_ORDER', lines: tooMany })

  const withdrawn = losesDiscount(notes, order, parts)
  const amounts = withdrawn ? shareWithoutDiscount(notes, order, parts) : shareOfNet(notes, order, parts)
  const amount = amounts.reduce((sum, each) => sum + each, 0)
  const { userId } = order
  const balance = balanceOf(notes, userId)
  const limit = 2 ** 53 - 1
  if (balance > limit - amount) return no({ code: 'BALANCE_LIMIT_EXCEEDED', limit, balance })

  const before = refundedAmountOf(order)
  const back = stretchOf(order.sources, before, before + amount)
  const bonus = payBack(notes, userId, back, { amount, orderId, reason, reference })
  order.refunds.push({
    refundId: notes.makeId(),
    amount,
    bonus,
    lines: parts.map(({ productId, quantity }, index) => ({
      productId,
      quantity,
      amount: amounts[index] as number,
    })),
    restocked: restock,
    reason: reason ?? null,
    reference: reference ?? null,
    at: notes.now,
  })
  order.withdrawn = withdrawn
  if (!restock) for (const { productId, quantity } of parts) notes.product(productId)?.supplies.push(-quantity)
  if (unitsLeft(notes, order).length === 0) end(notes, order, 'refunded')
  else tellOrder(notes, order, 'order.partially-refunded')
  return { result: orderAnswer(notes, order) }
}
