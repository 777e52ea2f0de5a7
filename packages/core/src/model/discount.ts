import { checkFields, integer, optional } from '../shared/check.js'
import { maxMoney } from '../shared/limits.js'
import type { InvalidField } from '../shared/refusal.js'

/** Takes a fixed amount off an order, or a percentage of it (rounded down) up to an optional maximum. */
export type Discount =
  | { readonly kind: 'fixed'; readonly amount: number }
  | { readonly kind: 'percentage'; readonly percent: number; readonly maximum?: number | undefined }

/** floor(total × percent / 100) without leaving the exact integers. */
const percentOf = (total: number, percent: number): number =>
  Math.floor(total / 100) * percent + Math.floor(((total % 100) * percent) / 100)

/** What comes off an order of `totalAmount`: never more than the total itself. (seed 001, B055 · seed 003, B161) */
export const discountAmount = (discount: Discount, totalAmount: number): number => {
  const wanted =
    discount.kind === 'fixed'
      ? discount.amount
      : Math.min(percentOf(totalAmount, discount.percent), discount.maximum ?? totalAmount)
  return Math.min(wanted, totalAmount)
}

export const checkDiscount = (discount: Discount): readonly InvalidField[] => {
  if (discount?.kind === 'fixed') return checkFields(discount, { amount: integer(1, maxMoney) }, 'discount.')
  if (discount?.kind === 'percentage') {
    return checkFields(discount, { percent: integer(1, 100), maximum: optional(integer(1, maxMoney)) }, 'discount.')
  }
  return [{ path: 'discount.kind', message: 'must be fixed or percentage' }]
}
