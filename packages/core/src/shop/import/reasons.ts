import type { Refusal } from '../../shared/refusal.js'

const fieldsOf = ({ errors }: Extract<Refusal, { code: 'INVALID_REQUEST' }>): string =>
  errors.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; ')

/** Why a line of this input is refused, in English. */
export const reasonOf = (refusal: Refusal, input: object): string => {
  switch (refusal.code) {
    case 'INVALID_REQUEST':
      return fieldsOf(refusal)
    case 'USER_ALREADY_EXISTS':
      return refusal.openingBalance == null
        ? `user ${refusal.userId} already exists without an opening balance`
        : `user ${refusal.userId} already exists with another opening balance`
    case 'REFERENCE_REUSED':
      return refusal.userId === (input as { readonly userId?: unknown }).userId
        ? `user ${refusal.userId} already exists with another opening balance`
        : `reference ${refusal.reference} belongs to the opening balance of user ${refusal.userId}`
    case 'USER_NOT_FOUND':
      return `user ${refusal.userId} does not exist`
    case 'COUPON_ALREADY_EXISTS':
      return `coupon ${refusal.couponId} has this code already`
    case 'COUPON_NOT_FOUND':
      return `coupon ${refusal.couponId} does not exist`
    case 'COUPON_SOLD_OUT':
      return `coupon ${refusal.couponId} is sold out`
    default:
      return `${refusal.code} ${JSON.stringify({ ...refusal, code: undefined })}`
  }
}
