import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type Coupon, type CouponView, couponCode, couponView, foldCode } from '../../model/coupon.js'
import { checkDiscount, type Discount } from '../../model/discount.js'
import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import {
  type Check,
  checkedElsewhere,
  checkFields,
  id,
  integer,
  nameProblem,
  nullish,
  optional,
  time,
} from '../../shared/check.js'
import { idRule } from '../../shared/id.js'
import { instantOf, type TimeInput } from '../../shared/instant.js'
import { maxCouponProducts, maxMoney, maxUnits } from '../../shared/limits.js'

/** Input of {@link createCoupon}. */
export interface CreateCoupon {
  /**
   * The coupon's id.
   * @default a new id
   */
  readonly couponId?: string | undefined
  /** 1 to 100 code points after the shop has trimmed it; no control characters. */
  readonly name: string
  /** What the coupon takes off an order. */
  readonly discount: Discount
  /** How many users can get it, 1 to 10^12. */
  readonly quantity: number
  /**
   * The coupon is valid from this time on. A `Date`, ISO 8601 text with its time zone, or milliseconds; from 1970 to 9999.
   * @default now
   */
  readonly validFrom?: TimeInput | undefined
  /** The coupon is valid before this time, which comes after `validFrom`. Given in the same forms. */
  readonly validUntil: TimeInput
  /**
   * The lowest total of an order that may use it, in the currency's minor unit, 0 to 2^53 - 1.
   * @default null: no minimum
   */
  readonly minimumOrderAmount?: number | null | undefined
  /**
   * The products that the coupon is for: 1 to 1,000 different ids, of products that need not exist. Minimum and discount are
   * taken of the lines with these products.
   * @default null: all products
   */
  readonly productIds?: readonly string[] | null | undefined
  /**
   * The code that users must know to get the coupon: 3 to 40 characters of `A-Za-z0-9-`, unique whatever its case. A coupon
   * with a code is not in the list of claimable coupons.
   * @default null: no code
   */
  readonly code?: string | null | undefined
  /**
   * Data of your own, see {@link Metadata}. Users see it, too. Null or `{}`: none.
   * @default none
   */
  readonly metadata?: Metadata | null | undefined
}

const productIdsOf: Check = (value) => {
  if (!Array.isArray(value) || value.length < 1 || value.length > maxCouponProducts)
    return `must be 1 to ${maxCouponProducts} product ids`
  if (value.some((each) => id(each) !== undefined)) return `must hold ids: ${idRule}`
  return new Set(value).size === value.length ? undefined : 'must name each product once'
}

const emptyWindow = {
  code: 'INVALID_REQUEST',
  errors: [{ path: 'validUntil', message: 'must be after validFrom' }],
} as const

/**
 * Creates a coupon that users can claim, first come, first served.
 * Refused: INVALID_REQUEST (also if it ends before it starts), COUPON_ALREADY_EXISTS (this id or this code; the first that
 * applies).
 *
 * @example
 * await shop.execute(createCoupon, {
 *   name: 'Opening',
 *   discount: { kind: 'percentage', percent: 10, maximum: 5_000 },
 *   quantity: 100,
 *   validUntil: '2030-01-01T00:00:00Z',
 * })
 */
export const createCoupon = defineCommand<CreateCoupon, CouponView>({
  name: 'create-coupon',
  check: (input) => [
    ...checkFields(input, {
      couponId: optional(id),
      name: nameProblem,
      discount: checkedElsewhere,
      quantity: integer(1, maxUnits),
      validFrom: optional(time),
      validUntil: time,
      minimumOrderAmount: nullish(integer(0, maxMoney)),
      productIds: nullish(productIdsOf),
      code: nullish(couponCode),
      metadata: nullish(metadata),
    }),
    ...checkDiscount(input?.discount),
  ],
  keys: ({ couponId, code }) => ({
    ...(couponId !== undefined && { lock: { coupons: [couponId] } }),
    ...(code != null && { read: { couponCodes: [foldCode(code)] } }),
  }),
  decide(facts, { couponId, name, discount, quantity, minimumOrderAmount, ...input }, { now, newId }) {
    const { productIds = null, code = null } = input
    const validFrom = instantOf(input.validFrom ?? now)
    const validUntil = instantOf(input.validUntil)
    if (validUntil <= validFrom) return refuse(emptyWindow)
    if (couponId !== undefined && facts.coupon(couponId)) return refuse({ code: 'COUPON_ALREADY_EXISTS', couponId })
    const owner = code === null ? undefined : facts.couponIdOf(code)
    if (owner !== undefined) return refuse({ code: 'COUPON_ALREADY_EXISTS', couponId: owner })
    const coupon: Coupon = {
      couponId: couponId ?? newId(),
      name: name.trim(),
      discount,
      quantity,
      issued: 0,
      events: null,
      validFrom,
      validUntil,
      minimumOrderAmount: minimumOrderAmount ?? null,
      createdAt: now,
      productIds: productIds && [...productIds],
      code,
      metadata: storedMetadata(input.metadata),
    }
    return accept(couponView(coupon), [put('coupons', coupon)])
  },
})
