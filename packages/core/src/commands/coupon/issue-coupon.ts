import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import {
  couponCode,
  couponValidity,
  type IssuedCoupon,
  type IssuedCouponView,
  issuedCouponView,
  remaining,
} from '../../model/coupon.js'
import { boolean, checkFields, id, optional } from '../../shared/check.js'
import type { InvalidField } from '../../shared/refusal.js'
import { registrationKeys, unregistered } from '../registration.js'

/** Input of {@link issueCoupon}. */
export interface IssueCoupon {
  /** The user who gets the coupon. */
  readonly userId: string
  /** The coupon's id. Either it or `code` is given. */
  readonly couponId?: string | undefined
  /** The coupon's code, in any case. */
  readonly code?: string | undefined
  /**
   * Whether a coupon that has a code needs it: then `couponId` does not find it. For callers who are not administrators.
   * @default false
   */
  readonly requiresCode?: boolean | undefined
}

const fields = {
  userId: id,
  couponId: optional(id),
  code: optional(couponCode),
  requiresCode: optional(boolean),
}

const eitherProblem = ({ couponId, code }: Partial<IssueCoupon> = {}): readonly InvalidField[] =>
  (couponId === undefined) === (code === undefined)
    ? [{ path: 'couponId', message: 'must be given, or code; not both' }]
    : []

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
  check(input) {
    const errors = checkFields(input, fields)
    return errors.length > 0 ? errors : eitherProblem(input)
  },
  prefetch: ({ code }) => (code === undefined ? undefined : { couponCodes: [code] }),
  // The coupon is locked because callers compete for it. The user is only checked for existence.
  keys({ userId, couponId: given, code }, { policies, outlines }) {
    const couponId = code === undefined ? given : outlines.couponIdOf(code)
    const read = registrationKeys(userId, policies)
    return couponId === undefined
      ? { read }
      : { lock: { coupons: [couponId], issuedCoupons: [{ couponId, userId }] }, read }
  },
  decide(facts, { userId, couponId: given, code, requiresCode = false }, { now, policies }) {
    const unknown = unregistered(facts, userId, policies)
    if (unknown) return refuse(unknown)
    const couponId = code === undefined ? given : facts.prefetchedCoupon(code)
    if (couponId === undefined)
      return refuse({ code: 'COUPON_NOT_FOUND', ...(code !== undefined && { couponCode: code }) })
    const coupon = facts.coupon(couponId)
    if (!coupon || (requiresCode && code === undefined && coupon.code !== null))
      return refuse({ code: 'COUPON_NOT_FOUND', couponId })
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
