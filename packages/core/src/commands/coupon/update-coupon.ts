import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type CouponView, couponView } from '../../model/coupon.js'
import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import { checkFields, id, integer, nullish, optional, time } from '../../shared/check.js'
import { instantOf, type TimeInput } from '../../shared/instant.js'
import { maxUnits } from '../../shared/limits.js'
import type { InvalidField } from '../../shared/refusal.js'

/** Input of {@link updateCoupon}. Omitted fields stay as they are. */
export interface UpdateCoupon {
  /** The coupon's id. */
  readonly couponId: string
  /** How many users can get it, 1 to 10^12, and not below the number of users who have it. */
  readonly quantity?: number | undefined
  /**
   * The coupon is valid before this time; an earlier end closes it. A `Date`, ISO 8601 text with its time zone, or
   * milliseconds; after `validFrom`.
   */
  readonly validUntil?: TimeInput | undefined
  /** Data of your own, see {@link Metadata}. It replaces what was there. Null or `{}`: none. */
  readonly metadata?: Metadata | null | undefined
}

/**
 * Changes the quantity, the end or the metadata of a coupon.
 * Refused: INVALID_REQUEST, then COUPON_NOT_FOUND, then INVALID_REQUEST for a quantity below the issued copies or an end
 * at or before the start.
 *
 * @example await shop.execute(updateCoupon, { couponId: 'opening', quantity: 200 })
 */
export const updateCoupon = defineCommand<UpdateCoupon, CouponView>({
  name: 'update-coupon',
  check: (input) =>
    checkFields(input, {
      couponId: id,
      quantity: optional(integer(1, maxUnits)),
      validUntil: optional(time),
      metadata: nullish(metadata),
    }),
  keys: ({ couponId }) => ({ lock: { coupons: [couponId] } }),
  decide(facts, { couponId, quantity, validUntil, metadata }) {
    const coupon = facts.coupon(couponId)
    if (!coupon) return refuse({ code: 'COUPON_NOT_FOUND', couponId })
    const updated = {
      ...coupon,
      quantity: quantity ?? coupon.quantity,
      validUntil: validUntil === undefined ? coupon.validUntil : instantOf(validUntil),
      metadata: metadata === undefined ? coupon.metadata : storedMetadata(metadata),
    }
    const errors: InvalidField[] = []
    if (updated.quantity < coupon.issued)
      errors.push({ path: 'quantity', message: `${coupon.issued} are already issued` })
    if (updated.validUntil <= coupon.validFrom) errors.push({ path: 'validUntil', message: 'must be after validFrom' })
    if (errors.length > 0) return refuse({ code: 'INVALID_REQUEST', errors })
    return accept(couponView(updated), [put('coupons', updated)])
  },
})
