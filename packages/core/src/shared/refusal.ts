import type { CustomRefusals } from './custom-refusals.js'

/** One line of an order that exceeds the stock. */
export interface ShortLine {
  /** The product's id. */
  readonly productId: string
  /** Requested units. */
  readonly requested: number
  /** Units that could be ordered. */
  readonly available: number
}

/** One product of an order that its purchase limit forbids. */
export interface LimitedLine {
  /** The product's id. */
  readonly productId: string
  /** The most units that one user may have. */
  readonly limit: number
  /** Units that the user has in open and paid orders, without refunded ones. */
  readonly bought: number
  /** Requested units. */
  readonly requested: number
}

/** One product of an order outside its hours. */
export interface ClosedProduct {
  /** The product's id. */
  readonly productId: string
  /** It can be ordered from this time on: ISO 8601 in UTC; null without such a time. */
  readonly opensAt: string | null
  /** It can be ordered before this time: ISO 8601 in UTC; null without such a time. */
  readonly closesAt: string | null
}

/** One line of a refund that exceeds what is left of the order. */
export interface ExcessiveLine {
  /** The product's id. */
  readonly productId: string
  /** Requested units. */
  readonly requested: number
  /** Units that are left to refund; 0 for a product that the order does not have. */
  readonly refundable: number
}

/** One invalid field of a request. */
export interface InvalidField {
  /** The field, for example `products[0].quantity`; empty for the input as a whole. */
  readonly path: string
  /** What is wrong with it, in English. */
  readonly message: string
}

/**
 * Why the shop refuses a request: a stable code and its facts. A refusal changes nothing, with one exception: an order
 * that fails for an insufficient balance, under policy `payment.onInsufficientBalance: 'fail-order'`. Amounts are in the
 * currency's minor unit, times are ISO 8601 in UTC. The order below is the precedence inside one command.
 */
export type BuiltInRefusal =
  | { readonly code: 'INVALID_REQUEST'; readonly errors: readonly InvalidField[] }
  | { readonly code: 'IDEMPOTENCY_KEY_REUSED' }
  | { readonly code: 'LEADERSHIP_LOST'; readonly job: string }
  | {
      readonly code: 'REFERENCE_REUSED'
      readonly reference: string
      /** The user whose money or order it names. */
      readonly userId: string
      /** The entry of a charge, a grant, a withdrawal, an adjustment or an opening balance. */
      readonly entryId?: string
      /** The order that was placed with it. */
      readonly orderId?: string
      /** The refund that was made with it. */
      readonly refundId?: string
    }
  | { readonly code: 'USER_NOT_FOUND'; readonly userId: string }
  | {
      readonly code: 'USER_ALREADY_EXISTS'
      readonly userId: string
      /** Of an import: the opening balance that the user has; null without one. */
      readonly openingBalance?: number | null
    }
  | { readonly code: 'LOSS_NOT_FOUND'; readonly lossId: string }
  | { readonly code: 'EVENT_NOT_FOUND'; readonly eventId: string }
  | { readonly code: 'EVENT_NOT_DEAD'; readonly eventId: string; readonly eventStatus: string }
  | {
      readonly code: 'CHARGE_AMOUNT_INVALID'
      readonly minimum: number
      readonly maximum: number
      readonly unit: number
    }
  | { readonly code: 'BALANCE_LIMIT_EXCEEDED'; readonly limit: number; readonly balance: number }
  | { readonly code: 'BONUS_LOTS_EXCEEDED'; readonly limit: number }
  | { readonly code: 'ORDER_NOT_FOUND'; readonly orderId: string }
  | { readonly code: 'PAYMENT_NOT_FOUND'; readonly paymentId: string }
  | { readonly code: 'ORDER_NOT_PENDING'; readonly orderId: string; readonly orderStatus: string }
  | { readonly code: 'ORDER_NOT_PAID'; readonly orderId: string; readonly orderStatus: string }
  | { readonly code: 'REFUND_EXCEEDS_ORDER'; readonly lines: readonly ExcessiveLine[] }
  | {
      readonly code: 'ORDER_ALREADY_EXISTS'
      /** The order that has this id, of any user. */
      readonly orderId: string
    }
  | { readonly code: 'TOO_MANY_PENDING_ORDERS'; readonly limit: number }
  | { readonly code: 'PRODUCT_NOT_FOUND'; readonly productIds: readonly string[] }
  | { readonly code: 'PRODUCT_ALREADY_EXISTS'; readonly productId: string }
  | {
      readonly code: 'PRODUCT_NOT_ON_SALE'
      readonly products: readonly ClosedProduct[]
      /** Whole seconds, at least 1, until all of them are open; null if one has closed. */
      readonly retryAfter: number | null
    }
  | { readonly code: 'PURCHASE_LIMIT_EXCEEDED'; readonly lines: readonly LimitedLine[] }
  | {
      readonly code: 'COUPON_ALREADY_EXISTS'
      /** The coupon that has this id or this code. */
      readonly couponId: string
    }
  | { readonly code: 'STOCK_INSUFFICIENT'; readonly lines: readonly ShortLine[] }
  | {
      readonly code: 'COUPON_NOT_FOUND'
      /** The id of the request. */
      readonly couponId?: string
      /** The code of the request. */
      readonly couponCode?: string
    }
  | { readonly code: 'COUPON_ALREADY_ISSUED'; readonly couponId: string }
  | { readonly code: 'COUPON_NOT_OWNED'; readonly couponId: string }
  | { readonly code: 'COUPON_ALREADY_USED'; readonly couponId: string }
  | { readonly code: 'COUPON_NOT_YET_VALID'; readonly couponId: string; readonly validFrom: string }
  | { readonly code: 'COUPON_EXPIRED'; readonly couponId: string; readonly validUntil: string }
  | { readonly code: 'COUPON_SOLD_OUT'; readonly couponId: string }
  | { readonly code: 'COUPON_NOT_APPLICABLE'; readonly couponId: string }
  | { readonly code: 'COUPON_MINIMUM_NOT_MET'; readonly couponId: string; readonly minimumOrderAmount: number }
  | { readonly code: 'BALANCE_INSUFFICIENT'; readonly balance: number; readonly required: number }
  | { readonly code: 'PRODUCT_SOLD_OUT'; readonly productId: string }
  | {
      readonly code: 'COMPANION_FAILED'
      /** The companion whose rows the store does not accept. */
      readonly companion: string
      /** The database's code, for example `23505` for a row that is already there; null without one. */
      readonly databaseCode: string | null
    }

/** A refusal with a code of {@link CustomRefusals}. */
export type CustomRefusal = {
  readonly [Code in keyof CustomRefusals]: { readonly code: Code } & Readonly<CustomRefusals[Code]>
}[keyof CustomRefusals]

/** Why the shop refuses a request: a code of its own, or one of {@link CustomRefusals}. */
export type Refusal = BuiltInRefusal | CustomRefusal

/** The code of a {@link Refusal}. */
export type RefusalCode = Refusal['code']

const refusesTheRequest: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'INVALID_REQUEST',
  'IDEMPOTENCY_KEY_REUSED',
  'LEADERSHIP_LOST',
  'REFERENCE_REUSED',
  'COMPANION_FAILED',
])

/** Whether an idempotency key keeps the refusal. It never keeps those of the request itself and of its companions. */
export const isOutcome = ({ code }: Refusal): boolean => !refusesTheRequest.has(code)

/** A registered symbol, so that all copies of the package share it. */
const brand = Symbol.for('@shop/core/ShopRefusal')

/**
 * Thrown by the calls of a shop when the shop refuses. Recognise it by {@link isShopRefusal}, not by `instanceof`: two
 * copies of the package may be installed.
 */
export class ShopRefusal extends Error {
  /** The same for every refusal. */
  override readonly name = 'ShopRefusal'
  /** Distinguishes it from other errors, also between two copies of the package. */
  readonly [brand] = true
  /** The code and its facts. */
  readonly refusal: Refusal
  /** True if an idempotency key or a reference replayed an earlier outcome. */
  readonly replayed: boolean

  /** Makes the error from a refusal. */
  constructor(refusal: Refusal, replayed = false) {
    super(`${refusal.code} ${JSON.stringify({ ...refusal, code: undefined })}`)
    this.refusal = refusal
    this.replayed = replayed
  }

  /** The refusal's code, for example `COUPON_SOLD_OUT`. */
  get code(): RefusalCode {
    return this.refusal.code
  }
}

/** Whether this error is a {@link ShopRefusal} of any copy of the package. */
export const isShopRefusal = (error: unknown): error is ShopRefusal =>
  typeof error === 'object' && error !== null && brand in error
