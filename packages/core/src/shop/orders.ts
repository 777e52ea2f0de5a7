import { type CancelOrder, cancelOrder } from '../commands/order/cancel-order.js'
import { type ExpireOrder, expireOrder } from '../commands/order/expire-order.js'
import { type PlaceOrder, placeOrder } from '../commands/order/place-order.js'
import type { QuoteView } from '../commands/order/quote-order.js'
import { type UpdateOrder, updateOrder } from '../commands/order/update-order.js'
import { type RefundOrder, refundOrder } from '../commands/payment/refund-order.js'
import type { Outcome } from '../engine/outcome.js'
import { type OrderStatus, orderStatuses } from '../model/order.js'
import { type OrderView, orderView } from '../model/order-view.js'
import { reference } from '../model/reference.js'
import { id, oneOf, optional, pageFields } from '../shared/check.js'
import { asOutcome, type CallOptions, type Execute, never, type QuoteOptions, type Run } from './calls.js'
import { oneMore, type Page, type PageQuery, pageOf } from './page.js'
import { checkQuery, mustBeKnown, owned, type Reading, refuse } from './reading.js'

/** Input of {@link Orders.get}. */
export interface GetOrder {
  /** The order's id. */
  readonly orderId: string
  /**
   * The user who must own the order.
   * @default any user: an administrator reads
   */
  readonly userId?: string | undefined
}

/** Input of {@link Orders.list}. */
export interface ListOrders extends PageQuery {
  /**
   * Only orders of this user.
   * @default orders of all users
   */
  readonly userId?: string | undefined
  /**
   * Only orders with this status, by the clock.
   * @default orders of any status
   */
  readonly status?: OrderStatus | undefined
  /**
   * Only orders that were placed with this reference: at most one of each user.
   * @default orders with and without a reference
   */
  readonly reference?: string | undefined
}

/** Orders, from placing to refund. */
export interface Orders {
  /**
   * Places an order: checks products, stock and coupon, keeps the current names and prices, and holds stock and coupon
   * until the order's deadline. Under policy `order.checkout: 'order-and-pay'` it pays the order in the same step.
   * @throws ShopRefusal INVALID_REQUEST | REFERENCE_REUSED | USER_NOT_FOUND | ORDER_ALREADY_EXISTS |
   * TOO_MANY_PENDING_ORDERS | PRODUCT_NOT_FOUND | PRODUCT_NOT_ON_SALE | PURCHASE_LIMIT_EXCEEDED | STOCK_INSUFFICIENT |
   * COUPON_NOT_FOUND | COUPON_NOT_OWNED | COUPON_ALREADY_USED | COUPON_NOT_YET_VALID | COUPON_EXPIRED |
   * COUPON_NOT_APPLICABLE | COUPON_MINIMUM_NOT_MET | BALANCE_INSUFFICIENT (the first that applies)
   * @example
   * const { orderId, finalAmount } = await shop.orders.place(
   *   { userId, products: [{ productId: 'mug', quantity: 2 }], couponId: 'opening' },
   *   { idempotency: { scope: userId, key } },
   * )
   */
  place(input: PlaceOrder, options?: CallOptions<OrderView>): Promise<OrderView>
  /**
   * Tells what an order would cost now, and whether the balance suffices. Writes and reserves nothing. A coupon that cannot
   * be used is told in the answer, with a discount of 0.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND | PRODUCT_NOT_FOUND | PRODUCT_NOT_ON_SALE |
   * PURCHASE_LIMIT_EXCEEDED | STOCK_INSUFFICIENT (the first that applies)
   * @example const { finalAmount, sufficient } = await shop.orders.quote({ userId, products, couponId: 'opening' })
   */
  quote(input: PlaceOrder, options?: QuoteOptions): Promise<QuoteView>
  /**
   * Replaces the metadata of an order, whatever its status. Events that have happened keep the metadata of their time.
   * @throws ShopRefusal INVALID_REQUEST | ORDER_NOT_FOUND (the first that applies)
   * @example await shop.orders.update({ orderId, metadata: { packed: 'yes' } })
   */
  update(input: UpdateOrder, options?: CallOptions<OrderView>): Promise<OrderView>
  /**
   * Cancels a pending order and releases its stock and coupon.
   * @throws ShopRefusal INVALID_REQUEST | ORDER_NOT_FOUND | ORDER_NOT_PENDING (the first that applies)
   * @example await shop.orders.cancel({ orderId, userId })
   */
  cancel(input: CancelOrder, options?: CallOptions<OrderView>): Promise<OrderView>
  /**
   * Records that an unpaid order has passed its deadline, and releases its stock and coupon. The order counts as expired
   * from its deadline on, even before this call. {@link ShopUpkeep.expireOrders} does this for all overdue orders.
   * @throws ShopRefusal INVALID_REQUEST | LEADERSHIP_LOST | ORDER_NOT_FOUND | ORDER_NOT_PENDING (the first that applies)
   * @example await shop.orders.expire({ orderId })
   */
  expire(input: ExpireOrder, options?: CallOptions<OrderView>): Promise<OrderView>
  /**
   * Refunds units of a paid order, or all that is left: pays back their exact share of what was paid, and takes the units
   * out of the ranking. They go back to the stock, or are written off with `restock: false`.
   * @throws ShopRefusal INVALID_REQUEST | REFERENCE_REUSED | ORDER_NOT_FOUND | ORDER_NOT_PAID | REFUND_EXCEEDS_ORDER |
   * BALANCE_LIMIT_EXCEEDED (the first that applies)
   * @example await shop.orders.refund({ orderId, lines: [{ productId: 'mug', quantity: 1 }], reason: 'scratched' })
   */
  refund(input: RefundOrder, options?: CallOptions<OrderView>): Promise<OrderView>
  /**
   * An order. With `userId`, the order of another user is ORDER_NOT_FOUND.
   * @throws ShopRefusal INVALID_REQUEST | ORDER_NOT_FOUND (the first that applies)
   * @example const { status } = await shop.orders.get({ orderId, userId })
   */
  get(query: GetOrder): Promise<OrderView>
  /**
   * Orders, the newest first.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`)
   * @example const { items, next } = await shop.orders.list({ userId, status: 'paid', limit: 50 })
   */
  list(query?: ListOrders): Promise<Page<OrderView>>
}

/** The commands of {@link Orders} in a transaction of the caller's: a refusal is a value. */
export interface OrdersWithin {
  /** As {@link Orders.place}, with the outcome as a value. */
  place(input: PlaceOrder, options?: CallOptions<OrderView>): Promise<Outcome<OrderView>>
  /** As {@link Orders.quote}, with the outcome as a value. It sees what the transaction has written. */
  quote(input: PlaceOrder, options?: QuoteOptions): Promise<Outcome<QuoteView>>
  /** As {@link Orders.update}, with the outcome as a value. */
  update(input: UpdateOrder, options?: CallOptions<OrderView>): Promise<Outcome<OrderView>>
  /** As {@link Orders.cancel}, with the outcome as a value. */
  cancel(input: CancelOrder, options?: CallOptions<OrderView>): Promise<Outcome<OrderView>>
  /** As {@link Orders.expire}, with the outcome as a value. */
  expire(input: ExpireOrder, options?: CallOptions<OrderView>): Promise<Outcome<OrderView>>
  /** As {@link Orders.refund}, with the outcome as a value. */
  refund(input: RefundOrder, options?: CallOptions<OrderView>): Promise<Outcome<OrderView>>
  /** As {@link Orders.get}, with the outcome as a value. */
  get(query: GetOrder): Promise<Outcome<OrderView>>
  /** As {@link Orders.list}, with the outcome as a value. */
  list(query?: ListOrders): Promise<Outcome<Page<OrderView>>>
}

const listFields = {
  ...pageFields,
  userId: optional(id),
  status: optional(oneOf(orderStatuses)),
  reference: optional(reference),
}

/** Quotes a basket: a refusal is a value. */
export type Quote = (input: PlaceOrder, options?: QuoteOptions) => Promise<Outcome<QuoteView>>

export const ordersOf = (run: Run, quote: Quote, reading: Reading): Orders => {
  const { reads, currency } = reading
  return {
    place: (input, options) => run(placeOrder, input, options),
    async quote(input, options) {
      const outcome = await quote(input, options)
      return outcome.ok ? outcome.result : refuse(outcome.refusal)
    },
    update: (input, options) => run(updateOrder, input, options),
    cancel: (input, options) => run(cancelOrder, input, options),
    expire: (input, options) => run(expireOrder, input, options),
    refund: (input, options) => run(refundOrder, input, options),
    async get(query) {
      checkQuery(query, { orderId: id, userId: optional(id) })
      const { orderId, userId } = query
      const { now, found } = await reads.order(orderId)
      return orderView(owned(found, userId) ?? refuse({ code: 'ORDER_NOT_FOUND', orderId }), { now, currency })
    },
    async list(query = {}) {
      checkQuery(query, listFields)
      const { now, found } = await reads.orders(oneMore(query))
      if (found.length === 0 && query.userId !== undefined) await mustBeKnown(query.userId, reading)
      return pageOf(found, query.limit, {
        item: (order) => orderView(order, { now, currency }),
        position: ({ createdAt, orderId }) => ({ at: createdAt, id: orderId }),
      })
    },
  }
}

export const ordersWithin = (execute: Execute, quote: Quote, reading: Reading): OrdersWithin => {
  const own = ordersOf(never, quote, reading)
  return {
    quote,
    place: (input, options) => execute(placeOrder, input, options),
    update: (input, options) => execute(updateOrder, input, options),
    cancel: (input, options) => execute(cancelOrder, input, options),
    expire: (input, options) => execute(expireOrder, input, options),
    refund: (input, options) => execute(refundOrder, input, options),
    get: asOutcome(own.get),
    list: asOutcome(own.list),
  }
}
