/** One line of an order that asks for more than there is. */
export interface ShortLine {
  readonly productId: string
  readonly requested: number
  readonly available: number
}

export interface InvalidField {
  readonly path: string
  readonly message: string
}

/**
 * An expected no: a stable code and the facts behind it. A refusal changes nothing (the one exception is an order that
 * fails for want of balance, policy `payment.onInsufficientBalance: 'fail-order'`). The order below is the precedence
 * inside one command.
 */
export type Refusal =
  | { readonly code: 'INVALID_REQUEST'; readonly errors: readonly InvalidField[] }
  | { readonly code: 'IDEMPOTENCY_KEY_REUSED' }
  | { readonly code: 'LEADERSHIP_LOST'; readonly job: string }
  | { readonly code: 'USER_NOT_FOUND'; readonly userId: string }
  | { readonly code: 'USER_ALREADY_EXISTS'; readonly userId: string }
  | { readonly code: 'EVENT_NOT_FOUND'; readonly eventId: string }
  | { readonly code: 'EVENT_NOT_DEAD'; readonly eventId: string; readonly eventStatus: string }
  | {
      readonly code: 'CHARGE_AMOUNT_INVALID'
      readonly minimum: number
      readonly maximum: number
      readonly unit: number
    }
  | { readonly code: 'BALANCE_LIMIT_EXCEEDED'; readonly limit: number; readonly balance: number }
  | { readonly code: 'ORDER_NOT_FOUND'; readonly orderId: string }
  | { readonly code: 'PAYMENT_NOT_FOUND'; readonly paymentId: string }
  | { readonly code: 'ORDER_NOT_PENDING'; readonly orderId: string; readonly orderStatus: string }
  | { readonly code: 'ORDER_NOT_PAID'; readonly orderId: string; readonly orderStatus: string }
  | { readonly code: 'PRODUCT_NOT_FOUND'; readonly productIds: readonly string[] }
  | { readonly code: 'PRODUCT_ALREADY_EXISTS'; readonly productId: string }
  | { readonly code: 'COUPON_ALREADY_EXISTS'; readonly couponId: string }
  | { readonly code: 'STOCK_INSUFFICIENT'; readonly lines: readonly ShortLine[] }
  | { readonly code: 'COUPON_NOT_FOUND'; readonly couponId: string }
  | { readonly code: 'COUPON_ALREADY_ISSUED'; readonly couponId: string }
  | { readonly code: 'COUPON_NOT_OWNED'; readonly couponId: string }
  | { readonly code: 'COUPON_ALREADY_USED'; readonly couponId: string }
  | { readonly code: 'COUPON_NOT_YET_VALID'; readonly couponId: string; readonly validFrom: string }
  | { readonly code: 'COUPON_EXPIRED'; readonly couponId: string; readonly validUntil: string }
  | { readonly code: 'COUPON_SOLD_OUT'; readonly couponId: string }
  | { readonly code: 'COUPON_MINIMUM_NOT_MET'; readonly couponId: string; readonly minimumOrderAmount: number }
  | { readonly code: 'BALANCE_INSUFFICIENT'; readonly balance: number; readonly required: number }
  | { readonly code: 'PRODUCT_SOLD_OUT'; readonly productId: string }

export type RefusalCode = Refusal['code']

/** Refusals of the request itself rather than of the shop: never kept as the outcome of an idempotency key. */
export const isOutcome = ({ code }: Refusal): boolean =>
  code !== 'INVALID_REQUEST' && code !== 'IDEMPOTENCY_KEY_REUSED' && code !== 'LEADERSHIP_LOST'

const brand = Symbol.for('@shop/core/ShopRefusal')

/** What the facade throws for a refusal. Recognise it by `isShopRefusal`, not by `instanceof`: two copies may be installed. */
export class ShopRefusal extends Error {
  override readonly name = 'ShopRefusal'
  readonly [brand] = true
  readonly refusal: Refusal
  /** True where an idempotency key brought back an earlier outcome. */
  readonly replayed: boolean

  constructor(refusal: Refusal, replayed = false) {
    super(`${refusal.code} ${JSON.stringify({ ...refusal, code: undefined })}`)
    this.refusal = refusal
    this.replayed = replayed
  }

  get code(): RefusalCode {
    return this.refusal.code
  }
}

export const isShopRefusal = (error: unknown): error is ShopRefusal =>
  typeof error === 'object' && error !== null && brand in error
