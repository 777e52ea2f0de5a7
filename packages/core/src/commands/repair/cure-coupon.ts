import { type Context, put } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import { release, use } from '../../model/coupon.js'
import { usesCoupon } from '../../model/order.js'
import type { Cure } from '../../model/repair.js'
import type { CureEffect } from './cure-effect.js'

type CureOf<Kind extends Cure['kind']> = Extract<Cure, { readonly kind: Kind }>

export const cureIssued = (facts: Facts, { couponId, drift }: CureOf<'issued'>): CureEffect | undefined => {
  const coupon = facts.coupon(couponId)
  if (!coupon) return undefined
  const issued = coupon.issued - drift
  if (issued < 0 || issued > coupon.quantity) return undefined
  return {
    what: 'counted the issued copies of the coupon again',
    before: coupon.issued,
    after: issued,
    changes: [put('coupons', { ...coupon, issued })],
  }
}

/** Decides again by the orders under their locks: they may have changed since the audit. */
export const cureCouponUse = (
  facts: Facts,
  { couponId, userId, named, orderId }: CureOf<'coupon-use'>,
  { now }: Context,
): CureEffect | undefined => {
  const issued = facts.issuedCoupon(couponId, userId)
  if (!issued || issued.usedByOrderId !== named) return undefined
  const isUsing = (id: string) => {
    const order = facts.order(id)
    return order?.couponId === couponId && usesCoupon(order, now) ? order : undefined
  }
  if (named !== null && named !== orderId && isUsing(named)) return undefined
  const order = orderId === null ? undefined : isUsing(orderId)
  if (orderId !== null && !order) return undefined
  const cured = order
    ? use(issued, order.orderId, order.status === 'paid' ? null : order.expiresAt)
    : release(issued, named ?? '')
  if (cured.usedByOrderId === issued.usedByOrderId && cured.usedUntil === issued.usedUntil) return undefined
  return {
    what: order ? 'assigned the coupon to the order that uses it' : 'released the coupon, which no order uses',
    before: issued.usedByOrderId,
    after: cured.usedByOrderId,
    changes: [put('issuedCoupons', cured)],
  }
}
