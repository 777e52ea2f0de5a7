import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type Coupon, type CouponView, couponView } from '../../model/coupon.js'
import { checkDiscount, type Discount } from '../../model/discount.js'
import { checkFields, id, integer, nameProblem, optional } from '../../shared/check.js'
import type { Instant } from '../../shared/instant.js'
import { maxInstant, maxMoney, maxUnits } from '../../shared/limits.js'

export interface CreateCoupon {
  /** Made by the shop where it is left out. */
  readonly couponId?: string | undefined
  /** 1 to 100 code points, without the blanks around it, which the shop removes; no control characters. */
  readonly name: string
  readonly discount: Discount
  /** How many users can get it. */
  readonly quantity: number
  /** Now, where it is left out. */
  readonly validFrom?: Instant | undefined
  readonly validUntil: Instant
  readonly minimumOrderAmount?: number | undefined
}

const emptyWindow = {
  code: 'INVALID_REQUEST',
  errors: [{ path: 'validUntil', message: 'must be after validFrom' }],
} as const

/** Refused: INVALID_REQUEST where it would end before it begins; COUPON_ALREADY_EXISTS. */
export const createCoupon = defineCommand<CreateCoupon, CouponView>({
  name: 'create-coupon',
  check: (input) => [
    ...checkFields(input, {
      couponId: optional(id),
      name: nameProblem,
      quantity: integer(1, maxUnits),
      validFrom: optional(integer(0, maxInstant)),
      validUntil: integer(0, maxInstant),
      minimumOrderAmount: optional(integer(0, maxMoney)),
    }),
    ...checkDiscount(input.discount),
  ],
  keys: ({ couponId }) => (couponId === undefined ? {} : { lock: { coupons: [couponId] } }),
  decide(facts, { couponId, name, discount, quantity, validFrom, validUntil, minimumOrderAmount }, { now, newId }) {
    if (validUntil <= (validFrom ?? now)) return refuse(emptyWindow)
    if (couponId !== undefined && facts.coupon(couponId)) return refuse({ code: 'COUPON_ALREADY_EXISTS', couponId })
    const coupon: Coupon = {
      couponId: couponId ?? newId(),
      name: name.trim(),
      discount,
      quantity,
      issued: 0,
      validFrom: validFrom ?? now,
      validUntil,
      minimumOrderAmount: minimumOrderAmount ?? null,
      createdAt: now,
    }
    return accept(couponView(coupon), [put('coupons', coupon)])
  },
})
