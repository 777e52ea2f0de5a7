import { hasPassed, type Instant, iso } from '../shared/instant.js'
import type { Discount } from './discount.js'

/** What a coupon promises. Only `validUntil` ever changes. */
export interface CouponTerms {
  readonly couponId: string
  readonly name: string
  readonly discount: Discount
  readonly validFrom: Instant
  readonly validUntil: Instant
  readonly minimumOrderAmount: number | null
}

/** A first-come-first-served coupon: 0 ≤ issued ≤ quantity, and issued is the number of its issued coupons. */
export interface Coupon extends CouponTerms {
  readonly quantity: number
  readonly issued: number
  readonly createdAt: Instant
}

/**
 * One user's copy of a coupon; there is never a second one. It is in use while `usedByOrderId` names an order and
 * `usedUntil` (the order's deadline, null once paid) has not passed.
 */
export interface IssuedCoupon {
  readonly couponId: string
  readonly userId: string
  readonly issuedAt: Instant
  readonly usedByOrderId: string | null
  readonly usedUntil: Instant | null
}

export const remaining = ({ quantity, issued }: Coupon): number => quantity - issued

/** By the clock: the coupon of an order whose deadline has passed counts as given back, whether or not a sweep has run. */
export const isInUse = ({ usedByOrderId, usedUntil }: IssuedCoupon, now: Instant): boolean =>
  usedByOrderId !== null && (usedUntil === null || !hasPassed(usedUntil, now))

/** Lays the coupon aside for an order until `usedUntil`, or for good where that is null. */
export const use = (issued: IssuedCoupon, orderId: string, usedUntil: Instant | null): IssuedCoupon => ({
  ...issued,
  usedByOrderId: orderId,
  usedUntil,
})

/** Gives the coupon back, unless another order has taken it since. */
export const release = (issued: IssuedCoupon, orderId: string): IssuedCoupon =>
  issued.usedByOrderId === orderId ? { ...issued, usedByOrderId: null, usedUntil: null } : issued

/** A coupon is valid for validFrom ≤ now < validUntil. (seed 001, B056 · seed 004, B208) */
const validityAt = (
  { validFrom, validUntil }: Pick<CouponTerms, 'validFrom' | 'validUntil'>,
  now: Instant,
): 'not-yet-valid' | 'valid' | 'expired' => {
  if (now < validFrom) return 'not-yet-valid'
  return hasPassed(validUntil, now) ? 'expired' : 'valid'
}

/** Why the terms do not hold at `now`, or nothing. */
export const couponValidity = (terms: CouponTerms, now: Instant) => {
  const { couponId, validFrom, validUntil } = terms
  const validity = validityAt(terms, now)
  if (validity === 'not-yet-valid')
    return { code: 'COUPON_NOT_YET_VALID', couponId, validFrom: iso(validFrom) } as const
  if (validity === 'expired') return { code: 'COUPON_EXPIRED', couponId, validUntil: iso(validUntil) } as const
  return undefined
}

/** Whether a user who has no copy can be issued one at `now`: valid by the clock, and not sold out. */
export const isClaimable = (coupon: Coupon, now: Instant): boolean =>
  validityAt(coupon, now) === 'valid' && remaining(coupon) > 0

/**
 * Why a user's coupon cannot be redeemed on an order of `totalAmount`, or nothing. The first that applies, in the
 * documented precedence: not found, not owned, already used, outside its validity, minimum not met.
 */
export const redemption = (
  couponId: string,
  terms: CouponTerms | undefined,
  issued: IssuedCoupon | undefined,
  { totalAmount, now }: { readonly totalAmount: number; readonly now: Instant },
) => {
  if (!terms) return { code: 'COUPON_NOT_FOUND', couponId } as const
  if (!issued) return { code: 'COUPON_NOT_OWNED', couponId } as const
  if (isInUse(issued, now)) return { code: 'COUPON_ALREADY_USED', couponId } as const
  const invalid = couponValidity(terms, now)
  if (invalid) return invalid
  const minimum = terms.minimumOrderAmount
  if (minimum !== null && totalAmount < minimum) {
    return { code: 'COUPON_MINIMUM_NOT_MET', couponId, minimumOrderAmount: minimum } as const
  }
  return undefined
}

export interface IssuedCouponView {
  readonly userId: string
  readonly couponId: string
  readonly name: string
  readonly discount: Discount
  readonly status: 'issued' | 'used' | 'expired'
  readonly issuedAt: string
  readonly validFrom: string
  readonly validUntil: string
}

export interface OwnedCouponView extends IssuedCouponView {
  readonly usedByOrderId: string | null
}

export const issuedCouponView = (issued: IssuedCoupon, terms: CouponTerms, now: Instant): IssuedCouponView => ({
  userId: issued.userId,
  couponId: issued.couponId,
  name: terms.name,
  discount: terms.discount,
  status: isInUse(issued, now) ? 'used' : validityAt(terms, now) === 'expired' ? 'expired' : 'issued',
  issuedAt: iso(issued.issuedAt),
  validFrom: iso(terms.validFrom),
  validUntil: iso(terms.validUntil),
})

export const ownedCouponView = (issued: IssuedCoupon, terms: CouponTerms, now: Instant): OwnedCouponView => ({
  ...issuedCouponView(issued, terms, now),
  usedByOrderId: isInUse(issued, now) ? issued.usedByOrderId : null,
})

export interface ClaimableCouponView {
  readonly couponId: string
  readonly name: string
  readonly discount: Discount
  readonly quantity: number
  readonly remaining: number
  readonly validFrom: string
  readonly validUntil: string
  readonly minimumOrderAmount: number | null
}

export interface CouponView extends ClaimableCouponView {
  readonly issued: number
}

export const claimableCouponView = (coupon: Coupon): ClaimableCouponView => ({
  couponId: coupon.couponId,
  name: coupon.name,
  discount: coupon.discount,
  quantity: coupon.quantity,
  remaining: remaining(coupon),
  validFrom: iso(coupon.validFrom),
  validUntil: iso(coupon.validUntil),
  minimumOrderAmount: coupon.minimumOrderAmount,
})

export const couponView = (coupon: Coupon): CouponView => ({ ...claimableCouponView(coupon), issued: coupon.issued })
