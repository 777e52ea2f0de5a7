import { accept, type Context, type Decision, defineCommand, put, refuse } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { use } from '../../model/coupon.js'
import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import type { Order } from '../../model/order.js'
import { orderTypesUnder, recordPlaced } from '../../model/order-events.js'
import { type OrderView, orderView } from '../../model/order-view.js'
import { type Referenced, reference } from '../../model/reference.js'
import type { Policies } from '../../policies/policies.js'
import { checkedElsewhere, checkFields, id, nullish, optional } from '../../shared/check.js'
import { invariant } from '../../shared/invariant.js'
import type { Refusal } from '../../shared/refusal.js'
import { capturePayment } from '../payment/capture-payment.js'
import { putEvent } from '../put-event.js'
import { registrationKeys, unregistered } from '../registration.js'
import { checkDemands, type Demand, holdStock, takeStock } from '../stock.js'
import { draftBasket, draftDiscount, paysAtOnce } from './draft-order.js'

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
  /**
   * The caller's name for this order: 1 to 200 visible ASCII characters. It is unique among the user's orders, for ever: the
   * same request is answered with the first result, another one is refused.
   * @default no reference
   */
  readonly reference?: string | undefined
  /**
   * The order's id: one that no order of any user has.
   * @default a new id
   */
  readonly orderId?: string | undefined
  /**
   * Data of your own, see {@link Metadata}. Null or `{}`: none.
   * @default none
   */
  readonly metadata?: Metadata | null | undefined
}

/** Whether an order locks its user's wallet: it is paid, its balance is checked, or the user's open orders are counted. */
const locksWallet = (policies: Policies): boolean =>
  paysAtOnce(policies) || policies.order.pendingPerUser !== null || policies.order.balanceAtOrder === 'required'

const limitsPending = (policies: Policies): boolean => policies.order.pendingPerUser !== null && !paysAtOnce(policies)

/** The refusal of an id that an order has already, or undefined. */
const usedId = (facts: Facts, orderId: string | undefined): Refusal | undefined =>
  orderId !== undefined && facts.orderExists(orderId) ? { code: 'ORDER_ALREADY_EXISTS', orderId } : undefined

/** The refusal of a user with too many open orders, or undefined. */
const tooManyPending = (facts: Facts, userId: string, policies: Policies): Refusal | undefined => {
  const limit = policies.order.pendingPerUser
  return limit !== null && limitsPending(policies) && facts.openOrders(userId) >= limit
    ? { code: 'TOO_MANY_PENDING_ORDERS', limit }
    : undefined
}

/** The unpaid order that would be placed, or the refusal. Does not check the balance. */
const draft = (facts: Facts, input: PlaceOrder, context: Context): Decision<Order> => {
  const { userId, products, couponId = null, reference = null } = input
  const { now, policies, newId } = context
  const drafted = draftBasket(facts, { userId, products }, context)
  if (!drafted.ok) return refuse(drafted.refusal)
  const { totalAmount, lines } = drafted.basket
  const discounted = couponId === null ? undefined : draftDiscount(facts, { userId, couponId }, { lines, now })
  if (discounted && !discounted.ok) return refuse(discounted.refusal)
  const discount = discounted?.discount ?? 0
  const order: Order = {
    orderId: input.orderId ?? newId(),
    userId,
    status: 'pending',
    ...drafted.basket,
    couponId,
    discountAmount: discount,
    finalAmount: totalAmount - discount,
    discountedProductIds: discounted?.discountedProductIds ?? null,
    stockTakenAt: policies.stock.takenAt,
    couponConsumedAt: policies.coupon.consumedAt,
    createdAt: now,
    expiresAt: now + Math.max(1, Math.round(policies.order.holdMinutes * 60_000)),
    paidAt: null,
    paymentId: null,
    events: 0,
    eventTypes: orderTypesUnder(policies.events),
    reference,
    sources: null,
    refundedAmount: null,
    refunds: null,
    discountWithdrawnBy: null,
    metadata: storedMetadata(input.metadata),
  }
  return accept(order, [])
}

const orderReferenced = ({ userId, orderId }: Order): Referenced => ({ userId, subjectId: orderId, entry: null })

/** Reserves what the order needs until it is paid. */
const placePending = (facts: Facts, drafted: Order, context: Context): Decision<OrderView> => {
  const { policies } = context
  const { order, event } = recordPlaced(drafted, context)
  const { orderId, userId, couponId, expiresAt } = order
  invariant(expiresAt !== null, `order ${orderId} is pending without a deadline`)
  if (policies.order.balanceAtOrder === 'required') {
    const balance = facts.wallet(userId)?.balance ?? 0
    if (balance < order.finalAmount)
      return refuse({ code: 'BALANCE_INSUFFICIENT', balance, required: order.finalAmount })
  }
  const changes = [put('orders', order), ...putEvent(event)]
  if (policies.stock.takenAt === 'order') changes.push(...holdStock(facts, order.lines, { orderId, expiresAt }))
  const issued = couponId === null ? undefined : facts.issuedCoupon(couponId, userId)
  if (issued && policies.coupon.consumedAt === 'order')
    changes.push(put('issuedCoupons', use(issued, orderId, expiresAt)))
  return accept(orderView(order, context), changes, orderReferenced(order))
}

/** Orders and pays in one step. A refusal changes nothing. */
const placePaid = (facts: Facts, drafted: Order, context: Context): Decision<OrderView> => {
  const { order, event } = recordPlaced(drafted, context)
  const { orderId, userId, couponId } = order
  const settled = capturePayment(facts.wallet(userId), order, context)
  if (!settled.ok) return refuse(settled.refusal)
  const issued = couponId === null ? undefined : facts.issuedCoupon(couponId, userId)
  return accept(
    orderView(settled.payment.order, context),
    [
      ...putEvent(event),
      ...settled.changes,
      ...takeStock(facts, order.lines),
      ...(issued ? [put('issuedCoupons', use(issued, orderId, null))] : []),
    ],
    orderReferenced(order),
  )
}

const fields = {
  userId: id,
  products: checkedElsewhere,
  couponId: nullish(id),
  reference: optional(reference),
  orderId: optional(id),
  metadata: nullish(metadata),
}

/**
 * Places an order. Under policy `order.checkout: 'order-and-pay'` it pays the order in the same step. The order keeps the
 * current names and prices on its lines.
 * Refused: INVALID_REQUEST, REFERENCE_REUSED, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`),
 * ORDER_ALREADY_EXISTS (only with an `orderId`), TOO_MANY_PENDING_ORDERS (policy `order.pendingPerUser`),
 * PRODUCT_NOT_FOUND, PRODUCT_NOT_ON_SALE, PURCHASE_LIMIT_EXCEEDED, STOCK_INSUFFICIENT, COUPON_NOT_FOUND, COUPON_NOT_OWNED, COUPON_ALREADY_USED,
 * COUPON_NOT_YET_VALID, COUPON_EXPIRED, COUPON_NOT_APPLICABLE, COUPON_MINIMUM_NOT_MET, BALANCE_INSUFFICIENT (if it pays, or
 * under policy `order.balanceAtOrder: 'required'`). The first that applies.
 *
 * @example await shop.execute(placeOrder, { userId: 'mina', products: [{ productId: 'mug', quantity: 2 }] })
 */
export const placeOrder = defineCommand<PlaceOrder, OrderView>({
  name: 'place-order',
  check: (input) => [...checkFields(input, fields), ...checkDemands(input?.products)],
  reference: ({ userId, reference }) =>
    reference === undefined ? undefined : { kind: 'order', owner: userId, reference },
  keys: ({ userId, products, couponId = null, orderId }, { policies }) => ({
    lock: {
      ...(orderId !== undefined && { orders: [orderId] }),
      products: products.map(({ productId }) => productId),
      ...(couponId !== null && { issuedCoupons: [{ couponId, userId }] }),
      ...(locksWallet(policies) && { wallets: [userId] }),
    },
    read: {
      ...(couponId !== null && { terms: [couponId] }),
      ...(!locksWallet(policies) && registrationKeys(userId, policies)),
      ...(limitsPending(policies) && { openOrders: [userId] }),
      buyers: [userId],
    },
  }),
  decide(facts, input, context) {
    const { policies } = context
    const unknown = unregistered(facts, input.userId, policies)
    if (unknown) return refuse(unknown)
    const refusal = usedId(facts, input.orderId) ?? tooManyPending(facts, input.userId, policies)
    if (refusal) return refuse(refusal)
    const drafted = draft(facts, input, context)
    if (!drafted.ok) return drafted
    return paysAtOnce(policies)
      ? placePaid(facts, drafted.result, context)
      : placePending(facts, drafted.result, context)
  },
})
