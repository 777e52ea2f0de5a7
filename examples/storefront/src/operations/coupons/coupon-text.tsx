import type { Coupon } from '../../state/api.js'
import { serverNow } from '../../state/server-clock.js'
import { discountText, money, words } from '../../words/words.js'

type State = 'upcoming' | 'valid' | 'ended' | 'gone'

/** Whether users can get a coupon at `now`, in milliseconds since 1970, and why not. */
const couponState = ({ validFrom, validUntil, remaining }: Coupon, now: number): State => {
  if (Date.parse(validUntil) <= now) return 'ended'
  if (Date.parse(validFrom) > now) return 'upcoming'
  return remaining === 0 ? 'gone' : 'valid'
}

const chips: Readonly<Record<State, string>> = { upcoming: 'pending', valid: 'issued', ended: 'ended', gone: 'ended' }

export const CouponState = ({ coupon }: { coupon: Coupon }) => {
  const state = couponState(coupon, serverNow())
  return <span class={`chip ${chips[state]}`}>{words.value.catalog.coupons.state[state]}</span>
}

/** What a coupon takes off. */
export const discountOf = ({ discount }: Coupon): string => {
  const { coupons } = words.value.catalog
  const maximum = discount.kind === 'percentage' ? discount.maximum : undefined
  return [discountText(discount), ...(maximum === undefined ? [] : [coupons.atMost(money(maximum))])].join(', ')
}

/** What a coupon is for. */
export const scopeOf = ({ minimumOrderAmount, productIds }: Coupon): string => {
  const { coupons } = words.value.catalog
  return [
    ...(minimumOrderAmount === null ? [] : [coupons.minimum(money(minimumOrderAmount))]),
    ...(productIds === undefined ? [] : [coupons.forProducts(productIds.length)]),
  ].join(', ')
}
