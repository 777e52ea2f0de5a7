import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type CouponView, couponView } from '../../model/coupon.js'
import { checkFields, id, integer, optional } from '../../shared/check.js'
import type { Instant } from '../../shared/instant.js'
import { maxInstant, maxUnits } from '../../shared/limits.js'
import type { InvalidField } from '../../shared/refusal.js'

export interface UpdateCoupon {
  readonly couponId: string
  readonly quantity?: number | undefined
  /** An earlier end closes the coupon. */
  readonly validUntil?: Instant | undefined
}

/** Refused: COUPON_NOT_FOUND; INVALID_REQUEST for fewer than are issued, or an end that is not after the beginning. */
export const updateCoupon = defineCommand<UpdateCoupon, CouponView>({
  name: 'update-coupon',
  check: (input) =>
    checkFields(input, {
      couponId: id,
      quantity: optional(integer(1, maxUnits)),
      validUntil: optional(integer(0, maxInstant)),
    }),
  keys: ({ couponId }) => ({ lock: { coupons: [couponId] } }),
  decide(facts, { couponId, quantity, validUntil }) {
    const coupon = facts.coupon(couponId)
    if (!coupon) return refuse({ code: 'COUPON_NOT_FOUND', couponId })
    const updated = { ...coupon, quantity: quantity ?? coupon.quantity, validUntil: validUntil ?? coupon.validUntil }
    const errors: InvalidField[] = []
    if (updated.quantity < coupon.issued)
      errors.push({ path: 'quantity', message: `${coupon.issued} are already issued` })
    if (updated.validUntil <= coupon.validFrom) errors.push({ path: 'validUntil', message: 'must be after validFrom' })
    if (errors.length > 0) return refuse({ code: 'INVALID_REQUEST', errors })
    return accept(couponView(updated), [put('coupons', updated)])
  },
})
