import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type IssuedCoupon, type IssuedCouponView, issuedCouponView, remaining } from '../../model/coupon.js'
import { checkFields, id } from '../../shared/check.js'
import { registrationKeys, unregistered } from '../registration.js'

/** Input of {@link importIssuedCoupon}. */
export interface ImportIssuedCoupon {
  /** The coupon's id. */
  readonly couponId: string
  /** The user who has a copy of it. */
  readonly userId: string
}

/**
 * Gives a user the copy of a coupon that the user had in an earlier shop, also before the coupon's start and after its end.
 * Before its start, the copy counts as issued at the start.
 * Refused: INVALID_REQUEST, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`), COUPON_NOT_FOUND,
 * COUPON_ALREADY_ISSUED, COUPON_SOLD_OUT (the first that applies).
 *
 * @example await shop.execute(importIssuedCoupon, { userId: 'mina', couponId: 'opening' })
 */
export const importIssuedCoupon = defineCommand<ImportIssuedCoupon, IssuedCouponView>({
  name: 'import-issued-coupon',
  check: (input) => checkFields(input, { couponId: id, userId: id }),
  keys: ({ couponId, userId }, { policies }) => ({
    lock: { coupons: [couponId], issuedCoupons: [{ couponId, userId }] },
    read: registrationKeys(userId, policies),
  }),
  decide(facts, { couponId, userId }, { now, policies }) {
    const unknown = unregistered(facts, userId, policies)
    if (unknown) return refuse(unknown)
    const coupon = facts.coupon(couponId)
    if (!coupon) return refuse({ code: 'COUPON_NOT_FOUND', couponId })
    if (facts.issuedCoupon(couponId, userId)) return refuse({ code: 'COUPON_ALREADY_ISSUED', couponId })
    if (remaining(coupon) === 0) return refuse({ code: 'COUPON_SOLD_OUT', couponId })
    // The audit finds a copy from before the start: only `issueCoupon` could have made it, by mistake.
    const issuedAt = Math.max(now, coupon.validFrom)
    const issued: IssuedCoupon = { couponId, userId, issuedAt, usedByOrderId: null, usedUntil: null }
    return accept(issuedCouponView(issued, coupon, now), [
      put('coupons', { ...coupon, issued: coupon.issued + 1 }),
      put('issuedCoupons', issued),
    ])
  },
})
