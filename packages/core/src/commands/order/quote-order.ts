import { accept, defineCommand, refuse } from '../../engine/command.js'
import type { OrderLine } from '../../model/order.js'
import { currencyField } from '../../model/view-context.js'
import type { RefusalCode, ShortLine } from '../../shared/refusal.js'
import { unregistered } from '../registration.js'
import { draftBasket, draftDiscount } from './draft-order.js'
import { type PlaceOrder, placeOrder } from './place-order.js'

/** What the coupon of a quote does. */
export type QuotedCoupon =
  | {
      /** The coupon's id. */
      readonly couponId: string
      /** The discount is part of the amounts. */
      readonly applies: true
    }
  | {
      /** The coupon's id. */
      readonly couponId: string
      /** The discount is 0. */
      readonly applies: false
      /** The code with which the order would be refused, for example `COUPON_EXPIRED`. */
      readonly code: RefusalCode
    }

/** What an order would cost now. */
export interface QuoteView {
  /** One line per product, in the order in which the request first names them. */
  readonly lines: readonly OrderLine[]
  /** Lines that would be dropped for insufficient stock, under policy `stock.shortage: 'drop-lines'`. */
  readonly droppedLines: readonly ShortLine[]
  /** Sum of the lines, in the currency's minor unit, 0 to 2^53 - 1. */
  readonly totalAmount: number
  /** The discount of the coupon, in the currency's minor unit, 0 to `totalAmount`. */
  readonly discountAmount: number
  /** `totalAmount` less `discountAmount`, in the currency's minor unit. */
  readonly finalAmount: number
  /** What the coupon does; null without a coupon. */
  readonly coupon: QuotedCoupon | null
  /** The user's balance, bonus money included, in the currency's minor unit; 0 for a user without a wallet. */
  readonly balance: number
  /** Whether the balance suffices for the final amount. */
  readonly sufficient: boolean
  /** The currency of the amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/**
 * Tells what an order would cost: the draft of {@link placeOrder}, decided on plain reads. It writes nothing, and reserves
 * nothing. A reference, an order id and metadata have no effect. A coupon that cannot be used is told in `coupon`, with a
 * discount of 0.
 * Refused: INVALID_REQUEST, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`), PRODUCT_NOT_FOUND,
 * PRODUCT_NOT_ON_SALE, PURCHASE_LIMIT_EXCEEDED, STOCK_INSUFFICIENT (only where the order would be refused). The first that applies.
 */
export const quoteOrder = defineCommand<PlaceOrder, QuoteView>({
  name: 'quote-order',
  guardedAs: placeOrder.name,
  check: placeOrder.check,
  keys(input, context) {
    const { lock, read } = placeOrder.keys(input, context)
    return { lock: { ...lock, orders: [], wallets: [input.userId] }, read: { ...read, openOrders: [] } }
  },
  decide(facts, { userId, products, couponId = null }, context) {
    const { now, policies } = context
    const unknown = unregistered(facts, userId, policies)
    if (unknown) return refuse(unknown)
    const drafted = draftBasket(facts, { userId, products }, context)
    if (!drafted.ok) return refuse(drafted.refusal)
    const { totalAmount, lines } = drafted.basket
    const discounted = couponId === null ? undefined : draftDiscount(facts, { userId, couponId }, { lines, now })
    const discountAmount = discounted?.ok ? discounted.discount : 0
    const finalAmount = totalAmount - discountAmount
    const balance = facts.wallet(userId)?.balance ?? 0
    const sufficient = balance >= finalAmount
    const quote = { ...drafted.basket, discountAmount, finalAmount, balance, sufficient, ...currencyField(context) }
    if (couponId === null || !discounted) return accept({ ...quote, coupon: null }, [])
    const coupon: QuotedCoupon = discounted.ok
      ? { couponId, applies: true }
      : { couponId, applies: false, code: discounted.refusal.code }
    return accept({ ...quote, coupon }, [])
  },
})
