import type { Check } from '../shared/check.js'
import { hasPassed, type Instant, iso } from '../shared/instant.js'
import type { Writable } from '../shared/writable.js'
import type { Discount } from './discount.js'
import type { Metadata } from './metadata.js'

/** The terms of a coupon. Only `validUntil` and `metadata` ever change. */
export interface CouponTerms {
  /** The coupon's id. */
  readonly couponId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** The discount on an order. */
  readonly discount: Discount
  /** Valid from this time on. */
  readonly validFrom: Instant
  /** Valid before this time. */
  readonly validUntil: Instant
  /** The lowest total of the lines that it is for, in the currency's minor unit, 0 to 2^53 - 1; null without a minimum. */
  readonly minimumOrderAmount: number | null
  /** The products whose lines count for the minimum and share the discount, 1 to 1,000; null for all products. */
  readonly productIds: readonly string[] | null
  /** Data of the caller; null without any. */
  readonly metadata: Metadata | null
}

/** A first-come-first-served coupon. `issued` counts its issued copies: 0 ≤ issued ≤ quantity. */
export interface Coupon extends CouponTerms {
  /** How many users can get it, 1 to 10^12. */
  readonly quantity: number
  /** How many users have it, 0 to `quantity`. */
  readonly issued: number
  /** When it was created. */
  readonly createdAt: Instant
  /** The code that users must know to get it: 3 to 40 characters of `A-Za-z0-9-`, unique whatever its case; null without one. */
  readonly code: string | null
  /** The sequence of its newest event; null without one. */
  readonly events: number | null
}

/** The pattern of a code; schemas use it, too. */
export const couponCodePattern = /^[A-Za-z0-9-]{3,40}$/

/** Returns what is wrong with a code, or undefined. */
export const couponCode: Check = (value) =>
  typeof value === 'string' && couponCodePattern.test(value) ? undefined : 'must be 3 to 40 characters of A-Za-z0-9-'

/** The form of a code that is equal for codes that differ only in case. */
export const foldCode = (code: string): string => code.toLowerCase()

/**
 * A user's only copy of a coupon. It is in use while `usedByOrderId` names an order and `usedUntil` has not passed.
 * `usedUntil` is the order's deadline, and null once the order is paid.
 */
export interface IssuedCoupon {
  /** The coupon's id. */
  readonly couponId: string
  /** The user who has it. */
  readonly userId: string
  /** When the user got it. */
  readonly issuedAt: Instant
  /** The order that uses it; null if it is unused. */
  readonly usedByOrderId: string | null
  /** The deadline of that order; null once the order is paid, and if the coupon is unused. */
  readonly usedUntil: Instant | null
}

/** How many users can still get the coupon. */
export const remaining = ({ quantity, issued }: Coupon): number => quantity - issued

/** Whether no order uses the coupon at `now`. At its order's deadline the coupon becomes free, even before a sweep. */
export const isInUse = ({ usedByOrderId, usedUntil }: IssuedCoupon, now: Instant): boolean =>
  usedByOrderId !== null && (usedUntil === null || !hasPassed(usedUntil, now))

/** Reserves the coupon for an order until `usedUntil`, or permanently if that is null. */
export const use = (issued: IssuedCoupon, orderId: string, usedUntil: Instant | null): IssuedCoupon => ({
  ...issued,
  usedByOrderId: orderId,
  usedUntil,
})

/** Releases the coupon, unless another order has taken it since. */
export const release = (issued: IssuedCoupon, orderId: string): IssuedCoupon =>
  issued.usedByOrderId === orderId ? { ...issued, usedByOrderId: null, usedUntil: null } : issued

/** A coupon is valid for validFrom ≤ now < validUntil. */
const validityAt = (
  { validFrom, validUntil }: Pick<CouponTerms, 'validFrom' | 'validUntil'>,
  now: Instant,
): 'not-yet-valid' | 'valid' | 'expired' => {
  if (now < validFrom) return 'not-yet-valid'
  return hasPassed(validUntil, now) ? 'expired' : 'valid'
}

/** Why the coupon is not valid at `now`, or undefined. */
export const couponValidity = (terms: CouponTerms, now: Instant) => {
  const { couponId, validFrom, validUntil } = terms
  const validity = validityAt(terms, now)
  if (validity === 'not-yet-valid')
    return { code: 'COUPON_NOT_YET_VALID', couponId, validFrom: iso(validFrom) } as const
  if (validity === 'expired') return { code: 'COUPON_EXPIRED', couponId, validUntil: iso(validUntil) } as const
  return undefined
}

/** Whether a user without a copy can be issued one at `now`: the coupon is valid and not sold out. */
export const isClaimable = (coupon: Coupon, now: Instant): boolean =>
  validityAt(coupon, now) === 'valid' && remaining(coupon) > 0

/** What matters of a line of an order. */
interface PricedLine {
  readonly productId: string
  /** In the currency's minor unit. */
  readonly amount: number
}

/** The lines that a coupon is for: all of them, or those with its products. */
export const linesFor = <Line extends { readonly productId: string }>(
  { productIds }: Pick<CouponTerms, 'productIds'>,
  lines: readonly Line[],
): readonly Line[] => {
  if (productIds === null) return lines
  const wanted = new Set(productIds)
  return lines.filter(({ productId }) => wanted.has(productId))
}

/**
 * Why a user's coupon cannot be redeemed on an order of these lines, or undefined. The first that applies, in the
 * documented precedence: not found, not owned, already used, outside its validity, for none of the lines, minimum not met.
 */
export const redemption = (
  couponId: string,
  terms: CouponTerms | undefined,
  issued: IssuedCoupon | undefined,
  { lines, now }: { readonly lines: readonly PricedLine[]; readonly now: Instant },
) => {
  if (!terms) return { code: 'COUPON_NOT_FOUND', couponId } as const
  if (!issued) return { code: 'COUPON_NOT_OWNED', couponId } as const
  if (isInUse(issued, now)) return { code: 'COUPON_ALREADY_USED', couponId } as const
  const invalid = couponValidity(terms, now)
  if (invalid) return invalid
  const own = linesFor(terms, lines)
  if (own.length === 0) return { code: 'COUPON_NOT_APPLICABLE', couponId } as const
  const minimum = terms.minimumOrderAmount
  if (minimum !== null && own.reduce((sum, { amount }) => sum + amount, 0) < minimum) {
    return { code: 'COUPON_MINIMUM_NOT_MET', couponId, minimumOrderAmount: minimum } as const
  }
  return undefined
}

/** A coupon that a user has. */
export interface IssuedCouponView {
  /** The user who has it. */
  readonly userId: string
  /** The coupon's id. */
  readonly couponId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** The discount on an order. */
  readonly discount: Discount
  /** By the clock: `used` while an order uses it, else `expired` from `validUntil` on, else `issued`. */
  readonly status: 'issued' | 'used' | 'expired'
  /** When the user got it: ISO 8601 in UTC. */
  readonly issuedAt: string
  /** Valid from this time on: ISO 8601 in UTC. */
  readonly validFrom: string
  /** Valid before this time: ISO 8601 in UTC. */
  readonly validUntil: string
  /** The products that it is for; absent if it is for all. */
  readonly productIds?: readonly string[] | undefined
  /** Data of the caller; absent without any. */
  readonly metadata?: Metadata | undefined
}

/** A coupon in the list of a user's coupons. */
export interface OwnedCouponView extends IssuedCouponView {
  /** The order that uses it; null if it is unused. */
  readonly usedByOrderId: string | null
}

export const issuedCouponView = (issued: IssuedCoupon, terms: CouponTerms, now: Instant): IssuedCouponView => {
  const { productIds, metadata } = terms
  const view: Writable<IssuedCouponView> = {
    userId: issued.userId,
    couponId: issued.couponId,
    name: terms.name,
    discount: terms.discount,
    status: isInUse(issued, now) ? 'used' : validityAt(terms, now) === 'expired' ? 'expired' : 'issued',
    issuedAt: iso(issued.issuedAt),
    validFrom: iso(terms.validFrom),
    validUntil: iso(terms.validUntil),
  }
  if (productIds !== null) view.productIds = productIds
  if (metadata !== null) view.metadata = metadata
  return view
}

export const ownedCouponView = (issued: IssuedCoupon, terms: CouponTerms, now: Instant): OwnedCouponView => ({
  ...issuedCouponView(issued, terms, now),
  usedByOrderId: isInUse(issued, now) ? issued.usedByOrderId : null,
})

/** A coupon as users see it. */
export interface ClaimableCouponView {
  /** The coupon's id. */
  readonly couponId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** The discount on an order. */
  readonly discount: Discount
  /** How many users can get it, 1 to 10^12. */
  readonly quantity: number
  /** How many users can still get it, 0 to `quantity`. */
  readonly remaining: number
  /** Valid from this time on: ISO 8601 in UTC. */
  readonly validFrom: string
  /** Valid before this time: ISO 8601 in UTC. */
  readonly validUntil: string
  /** The lowest total of the lines that it is for, in the currency's minor unit, 0 to 2^53 - 1; null without a minimum. */
  readonly minimumOrderAmount: number | null
  /** The products that it is for; absent if it is for all. */
  readonly productIds?: readonly string[] | undefined
  /** Data of the caller; absent without any. */
  readonly metadata?: Metadata | undefined
}

/** A coupon as an administrator sees it. */
export interface CouponView extends ClaimableCouponView {
  /** How many users have it, 0 to `quantity`. */
  readonly issued: number
  /** The code that users must know to get it; absent without one. */
  readonly code?: string | undefined
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
  ...(coupon.productIds !== null && { productIds: coupon.productIds }),
  ...(coupon.metadata !== null && { metadata: coupon.metadata }),
})

export const couponView = (coupon: Coupon): CouponView => ({
  ...claimableCouponView(coupon),
  issued: coupon.issued,
  ...(coupon.code !== null && { code: coupon.code }),
})
