import type { IssuedCouponView } from '@shop/core'
import { checkFields, defineCommand, id, issueCoupon, refuse } from '@shop/core/commands'

export interface ClaimMembersCoupon {
  readonly userId: string
  readonly couponId: string
  /** Whoever was issued this coupon is a member. */
  readonly membershipId: string
}

/**
 * The third kind of house rule is a command of one's own: a coupon for members only. Membership is itself a coupon, so the
 * rule looks at nothing but rows that its keys name, and holds however many members come at once.
 * Refused, in this order: COUPON_NOT_OWNED (no member), then as `issueCoupon`.
 */
export const claimMembersCoupon = defineCommand<ClaimMembersCoupon, IssuedCouponView>({
  name: 'claim-members-coupon',
  check: ({ membershipId, ...issue }) => [
    ...issueCoupon.check(issue),
    ...checkFields({ membershipId }, { membershipId: id }),
  ],
  keys: ({ userId, couponId, membershipId }, context) => ({
    ...issueCoupon.keys({ userId, couponId }, context),
    issuedCoupons: [
      { couponId, userId },
      { couponId: membershipId, userId },
    ],
  }),
  decide(facts, { userId, couponId, membershipId }, context) {
    if (!facts.issuedCoupon(membershipId, userId)) return refuse({ code: 'COUPON_NOT_OWNED', couponId: membershipId })
    return issueCoupon.decide(facts, { userId, couponId }, context)
  },
})
