import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import {
  couponValidity,
  type IssuedCoupon,
  type IssuedCouponView,
  issuedCouponView,
  remaining,
} from '../../model/coupon.js'
import { checkFields, id } from '../../shared/check.js'
import { registrationKeys, unregistered } from '../registration.js'

/** Input of {@link issueCoupon}. */
export interface IssueCoupon {
  /** The user who gets the coupon. */
  readonly userId: string
  /** The coupon's id. */
  readonly couponId: string
}

/**
 * Issues the user's one copy of a coupon, first come, first served. If n users ask for a coupon of quantity q, exactly
 * min(n, q) get it.
 * Refused: INVALID_REQUEST, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`), COUPON_NOT_FOUND,
 * COUPON_ALREADY_ISSUED, COUPON_NOT_YET_VALID, COUPON_EXPIRED, COUPON_SOLD_OUT (the first that applies). The duplicate
 * comes before the sold-out check, so that a retry always gets the same answer.
 *
 * @example await shop.execute(issueCoupon, { userId: 'mina', couponId: 'opening' })
 */
export const issueCoupon = defineCommand<IssueCoupon, IssuedCouponView>({
  name: 'issue-coupon',
  check: (input) => checkFields(input, { userId: id, couponId: id }),
  // The coupon is locked because callers compete for it. The user is only checked for existence.
  keys: ({ userId, couponId }, { policies }) => ({
    lock: { coupons: [couponId], issuedCoupons: [{ couponId, userId }] },
    read: registrationKeys(userId, policies),
  }),
  decide(facts, { userId, couponId }, { now, policies }) {
    const unknown = unregistered(facts, userId, policies)
    if (unknown) return refuse(unknown)
    const coupon = facts.coupon(couponId)
    if (!coupon) return refuse({ code: 'COUPON_NOT_FOUND', couponId })
    if (facts.issuedCoupon(couponId, userId)) return refuse({ code: 'COUPON_ALREADY_ISSUED', couponId })
    const invalid = couponValidity(coupon, now)
    if (invalid) return refuse(invalid)
    if (remaining(coupon) === 0) return refuse({ code: 'COUPON_SOLD_OUT', couponId })
    const issued: IssuedCoupon = { couponId, userId, issuedAt: now, usedByOrderId: null, usedUntil: null }
    return accept(issuedCouponView(issued, coupon, now), [
      put('coupons', { ...coupon, issued: coupon.issued + 1 }),
      put('issuedCoupons', issued),
    ])
  },
})
