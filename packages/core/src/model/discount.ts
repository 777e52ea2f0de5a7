import { checkFields, integer, oneOf, optional } from '../shared/check.js'
import { maxMoney } from '../shared/limits.js'
import type { InvalidField } from '../shared/refusal.js'

/** The discount of a coupon, never more than the order's total. */
export type Discount = FixedDiscount | PercentageDiscount

/** A fixed amount. */
export interface FixedDiscount {
  /** Distinguishes it from a percentage. */
  readonly kind: 'fixed'
  /** In the currency's minor unit, 1 to 2^53 - 1. */
  readonly amount: number
}

/** A share of the order's total, rounded down to the minor unit. */
export interface PercentageDiscount {
  /** Distinguishes it from a fixed amount. */
  readonly kind: 'percentage'
  /** 1 to 100. */
  readonly percent: number
  /**
   * The largest discount, in the currency's minor unit, 1 to 2^53 - 1.
   * @default no maximum
   */
  readonly maximum?: number | undefined
}

/** floor(total × percent / 100), computed within the exact integers. */
const percentOf = (total: number, percent: number): number =>
  Math.floor(total / 100) * percent + Math.floor(((total % 100) * percent) / 100)

/** The discount on an order of `totalAmount`: never more than the total. */
export const discountAmount = (discount: Discount, totalAmount: number): number => {
  const wanted =
    discount.kind === 'fixed'
      ? discount.amount
      : Math.min(percentOf(totalAmount, discount.percent), discount.maximum ?? totalAmount)
  return Math.min(wanted, totalAmount)
}

export const checkDiscount = (discount: Discount | undefined): readonly InvalidField[] => {
  const kind = oneOf(['fixed', 'percentage'])
  if (discount?.kind === 'fixed') return checkFields(discount, { kind, amount: integer(1, maxMoney) }, 'discount.')
  if (discount?.kind === 'percentage') {
    const maximum = optional(integer(1, maxMoney))
    return checkFields(discount, { kind, percent: integer(1, 100), maximum }, 'discount.')
  }
  return [{ path: 'discount.kind', message: 'must be fixed or percentage' }]
}
