import { accept, type Context, type Decision, defineCommand, put, refuse } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { redemption, use } from '../../model/coupon.js'
import { discountAmount } from '../../model/discount.js'
import { type Order, type OrderLine, type OrderView, orderView } from '../../model/order.js'
import type { Policies } from '../../policies/policies.js'
import { checkedElsewhere, checkFields, id, nullish } from '../../shared/check.js'
import { invariant } from '../../shared/invariant.js'
import { capturePayment } from '../payment/capture-payment.js'
import { registrationKeys, unregistered } from '../registration.js'
import { checkDemands, type Demand, holdStock, shortLines, sumDemand, takeStock } from '../stock.js'

/** Input of {@link placeOrder}. */
export interface PlaceOrder {
  /** The user who orders. */
  readonly userId: string
  /** 1 to 100 lines. Lines that name the same product are summed. */
  readonly products: readonly Demand[]
  /**
   * A coupon that was issued to the user.
   * @default null: no coupon
   */
  readonly couponId?: string | null | undefined
}

const priced = (facts: Facts, demands: readonly Demand[]): OrderLine[] =>
  demands.map(({ productId, quantity }) => {
    const product = facts.product(productId)
    invariant(product, `product ${productId} was there when it was checked`)
    return { productId, name: product.name, unitPrice: product.price, quantity, amount: product.price * quantity }
  })

/** The unpaid order that would be placed, or the refusal. Does not check the balance. */
const draft = (facts: Facts, { userId, products, couponId = null }: PlaceOrder, context: Context): Decision<Order> => {
  const { now, policies, newId } = context
  const demands = sumDemand(products)
  const missing = demands.map(({ productId }) => productId).filter((productId) => !facts.product(productId)?.listed)
  if (missing.length > 0) return refuse({ code: 'PRODUCT_NOT_FOUND', productIds: missing })

  const short = takesStockNow(policies) ? shortLines(facts, demands) : []
  const drops = policies.stock.shortage === 'drop-lines' && short.length < demands.length
  if (short.length > 0 && !drops) return refuse({ code: 'STOCK_INSUFFICIENT', lines: short })
  const dropped = new Set(short.map(({ productId }) => productId))
  const lines = priced(
    facts,
    demands.filter(({ productId }) => !dropped.has(productId)),
  )
  const totalAmount = lines.reduce((sum, { amount }) => sum + amount, 0)

  let discount = 0
  if (couponId !== null) {
    const terms = facts.couponTerms(couponId)
    const refusal = redemption(couponId, terms, facts.issuedCoupon(couponId, userId), { totalAmount, now })
    if (refusal) return refuse(refusal)
    invariant(terms, `coupon ${couponId} was there when it was checked`)
    discount = discountAmount(terms.discount, totalAmount)
  }
  const order: Order = {
    orderId: newId(),
    userId,
    status: 'pending',
    lines,
    droppedLines: short,
    couponId,
    totalAmount,
    discountAmount: discount,
    finalAmount: totalAmount - discount,
    stockTakenAt: policies.stock.takenAt,
    couponConsumedAt: policies.coupon.consumedAt,
    createdAt: now,
    expiresAt: now + Math.max(1, Math.round(policies.order.holdMinutes * 60_000)),
    paidAt: null,
    paymentId: null,
    events: 0,
  }
  return accept(order, [])
}

const paysAtOnce = ({ order }: Policies): boolean => order.checkout === 'order-and-pay'

const takesStockNow = (policies: Policies): boolean => policies.stock.takenAt === 'order' || paysAtOnce(policies)

/** Reserves what the order needs until it is paid. */
const placePending = (facts: Facts, order: Order, { now, policies }: Context): Decision<OrderView> => {
  const { orderId, userId, couponId, expiresAt } = order
  invariant(expiresAt !== null, `order ${orderId} is pending without a deadline`)
  const changes = [put('orders', order)]
  if (policies.stock.takenAt === 'order') changes.push(...holdStock(facts, order.lines, { orderId, expiresAt }))
  const issued = couponId === null ? undefined : facts.issuedCoupon(couponId, userId)
  if (issued && policies.coupon.consumedAt === 'order')
    changes.push(put('issuedCoupons', use(issued, orderId, expiresAt)))
  return accept(orderView(order, now), changes)
}

/** Orders and pays in one step. A refusal changes nothing. */
const placePaid = (facts: Facts, order: Order, context: Context): Decision<OrderView> => {
  const { orderId, userId, couponId } = order
  const settled = capturePayment(facts.wallet(userId), order, context)
  if (!settled.ok) return refuse(settled.refusal)
  const issued = couponId === null ? undefined : facts.issuedCoupon(couponId, userId)
  return accept(orderView(settled.order, context.now), [
    ...settled.changes,
    ...takeStock(facts, order.lines),
    ...(issued ? [put('issuedCoupons', use(issued, orderId, null))] : []),
  ])
}

/**
 * Places an order. Under policy `order.checkout: 'order-and-pay'` it pays the order in the same step. The order keeps the
 * current names and prices on its lines.
 * Refused: INVALID_REQUEST, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`), PRODUCT_NOT_FOUND,
 * STOCK_INSUFFICIENT, COUPON_NOT_FOUND, COUPON_NOT_OWNED, COUPON_ALREADY_USED, COUPON_NOT_YET_VALID, COUPON_EXPIRED,
 * COUPON_MINIMUM_NOT_MET, BALANCE_INSUFFICIENT (only if it pays). The first that applies.
 *
 * @example await shop.execute(placeOrder, { userId: 'mina', products: [{ productId: 'mug', quantity: 2 }] })
 */
export const placeOrder = defineCommand<PlaceOrder, OrderView>({
  name: 'place-order',
  check: (input) => [
    ...checkFields(input, { userId: id, products: checkedElsewhere, couponId: nullish(id) }),
    ...checkDemands(input?.products),
  ],
  keys: ({ userId, products, couponId = null }, { policies }) => ({
    lock: {
      products: products.map(({ productId }) => productId),
      ...(couponId !== null && { issuedCoupons: [{ couponId, userId }] }),
      ...(paysAtOnce(policies) && { wallets: [userId] }),
    },
    read: {
      ...(couponId !== null && { terms: [couponId] }),
      ...(!paysAtOnce(policies) && registrationKeys(userId, policies)),
    },
  }),
  decide(facts, input, context) {
    const { policies } = context
    const unknown = unregistered(facts, input.userId, policies)
    if (unknown) return refuse(unknown)
    const drafted = draft(facts, input, context)
    if (!drafted.ok) return drafted
    return paysAtOnce(policies)
      ? placePaid(facts, drafted.result, context)
      : placePending(facts, drafted.result, context)
  },
})
