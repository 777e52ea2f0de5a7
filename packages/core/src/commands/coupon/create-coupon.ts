import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type Coupon, type CouponView, couponView } from '../../model/coupon.js'
import { checkDiscount, type Discount } from '../../model/discount.js'
import { checkedElsewhere, checkFields, id, integer, nameProblem, nullish, optional, time } from '../../shared/check.js'
import { instantOf, type TimeInput } from '../../shared/instant.js'
import { maxMoney, maxUnits } from '../../shared/limits.js'

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
   * The coupon is valid from this time on. A `Date`, ISO 8601 text with its time zone, or milliseconds; from 1970 on.
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
}

const emptyWindow = {
  code: 'INVALID_REQUEST',
  errors: [{ path: 'validUntil', message: 'must be after validFrom' }],
} as const

/**
 * Creates a coupon that users can claim, first come, first served.
 * Refused: INVALID_REQUEST (also if it ends before it starts), COUPON_ALREADY_EXISTS (the first that applies).
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
    }),
    ...checkDiscount(input?.discount),
  ],
  keys: ({ couponId }) => (couponId === undefined ? {} : { lock: { coupons: [couponId] } }),
  decide(facts, { couponId, name, discount, quantity, minimumOrderAmount, ...window }, { now, newId }) {
    const validFrom = instantOf(window.validFrom ?? now)
    const validUntil = instantOf(window.validUntil)
    if (validUntil <= validFrom) return refuse(emptyWindow)
    if (couponId !== undefined && facts.coupon(couponId)) return refuse({ code: 'COUPON_ALREADY_EXISTS', couponId })
    const coupon: Coupon = {
      couponId: couponId ?? newId(),
      name: name.trim(),
      discount,
      quantity,
      issued: 0,
      validFrom,
      validUntil,
      minimumOrderAmount: minimumOrderAmount ?? null,
      createdAt: now,
    }
    return accept(couponView(coupon), [put('coupons', coupon)])
  },
})
