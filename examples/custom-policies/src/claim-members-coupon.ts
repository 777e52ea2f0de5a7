import type { IssuedCouponView } from '@shop/core'
import { checkFields, defineCommand, id, issueCoupon, mergeKeys, refuse } from '@shop/core/commands'

export interface ClaimMembersCoupon {
  readonly userId: string
  readonly couponId: string
  /** The membership coupon: users who own it are members. */
  readonly membershipId: string
}

/**
 * The third kind of house rule is a custom command: a coupon for members only. Membership is itself a coupon,
 * so the rule reads only rows that its keys name, and holds for any number of concurrent members.
 * Refusals, in this order: COUPON_NOT_OWNED (not a member), then those of `issueCoupon`.
 */
export const claimMembersCoupon = defineCommand<ClaimMembersCoupon, IssuedCouponView>({
  name: 'claim-members-coupon',
  check: ({ membershipId, ...issue }) => [
    ...issueCoupon.check(issue),
    ...checkFields({ membershipId }, { membershipId: id }),
  ],
  keys: ({ userId, couponId, membershipId }, context) =>
    mergeKeys([
      issueCoupon.keys({ userId, couponId }, context),
      { lock: { issuedCoupons: [{ couponId: membershipId, userId }] } },
    ]),
  decide(facts, { userId, couponId, membershipId }, context) {
    if (!facts.issuedCoupon(membershipId, userId)) return refuse({ code: 'COUPON_NOT_OWNED', couponId: membershipId })
    return issueCoupon.decide(facts, { userId, couponId }, context)
  },
})
