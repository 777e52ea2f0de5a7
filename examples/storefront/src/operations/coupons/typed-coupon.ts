import { amountOf } from '../../parts/field.js'
import type { Coupon } from '../../state/api.js'
import { moneyOf, number, words } from '../../words/words.js'
import type { Problems } from '../form/use-problems.js'
import { isoOf, localText } from '../local-time.js'
import { isMoney, isWhole } from '../products/typed-product.js'

/** A new coupon as it is typed. An empty text: none. */
export interface TypedCoupon {
  readonly name: string
  readonly kind: 'fixed' | 'percentage'
  readonly amount: string
  readonly percent: string
  readonly maximum: string
  readonly quantity: string
  /** Local times, `YYYY-MM-DDThh:mm`. Empty: from now on. */
  readonly validFrom: string
  readonly validUntil: string
  readonly minimumOrderAmount: string
  readonly scope: 'all' | 'some'
  /** Ids, with a space between them. */
  readonly productIds: string
  readonly code: string
  readonly couponId: string
}

export type CouponField = Exclude<keyof TypedCoupon, 'kind' | 'scope'>

export const emptyCoupon: TypedCoupon = {
  name: '',
  kind: 'fixed',
  amount: '',
  percent: '',
  maximum: '',
  quantity: '',
  validFrom: '',
  validUntil: '',
  minimumOrderAmount: '',
  scope: 'all',
  productIds: '',
  code: '',
  couponId: '',
}

const maxProducts = 1_000

export const idsOf = (text: string): readonly string[] => text.split(' ').filter((id) => id !== '')

const ruleOfField = (name: CouponField): string => words.value.catalog.coupons.rules[name]

/** What the page itself finds wrong with a new coupon. */
export const problemsOfNew = (typed: TypedCoupon): Problems<CouponField> => {
  const { name, kind, amount, percent, maximum, quantity, validFrom, validUntil } = typed
  const { minimumOrderAmount, scope, productIds, code, couponId } = typed
  const isFixed = kind === 'fixed'
  const chosen = idsOf(productIds).length
  const start = validFrom === '' ? localText(new Date().toISOString()) : validFrom
  const wrong: Readonly<Record<CouponField, boolean>> = {
    name: name.trim() === '' || [...name.trim()].length > 100,
    amount: isFixed && !isMoney(amount, 1),
    percent: !isFixed && !isWhole(percent, 1, 100),
    maximum: !isFixed && maximum !== '' && !isMoney(maximum, 1),
    quantity: !isWhole(quantity, 1),
    validFrom: false,
    validUntil: validUntil === '' || validUntil <= start,
    minimumOrderAmount: minimumOrderAmount !== '' && !isMoney(minimumOrderAmount, 0),
    productIds: scope === 'some' && (chosen < 1 || chosen > maxProducts),
    code: code !== '' && !/^[A-Za-z0-9-]{3,40}$/.test(code),
    couponId: couponId !== '' && !/^(?!\.{1,2}$)[A-Za-z0-9_.:-]{1,64}$/.test(couponId),
  }
  const names = (Object.keys(wrong) as CouponField[]).filter((each) => wrong[each])
  return Object.fromEntries(names.map((each) => [each, ruleOfField(each)]))
}

const nested: Readonly<Record<string, CouponField>> = {
  'discount.amount': 'amount',
  'discount.percent': 'percent',
  'discount.maximum': 'maximum',
}

/** The field that an error of the server is about. */
export const couponFieldOf = (path: string): CouponField | undefined => {
  const known = nested[path] ?? path.replace(/\[\d+\]$/, '')
  return known in words.value.catalog.coupons.fields ? (known as CouponField) : undefined
}

export const couponRuleOf = ruleOfField

/** What the request that creates the coupon says. */
export const bodyOfNew = (typed: TypedCoupon) => {
  const { name, kind, quantity, validFrom, validUntil, minimumOrderAmount, scope, productIds, code, couponId } = typed
  const maximum = moneyOf(typed.maximum)
  const from = isoOf(validFrom)
  return {
    name: name.trim(),
    discount:
      kind === 'fixed'
        ? { kind, amount: moneyOf(typed.amount) ?? 0 }
        : { kind, percent: amountOf(typed.percent) ?? 0, ...(maximum !== undefined && { maximum }) },
    quantity: amountOf(quantity) ?? 0,
    validUntil: isoOf(validUntil) ?? '',
    ...(from !== null && { validFrom: from }),
    ...(minimumOrderAmount !== '' && { minimumOrderAmount: moneyOf(minimumOrderAmount) ?? 0 }),
    ...(scope === 'some' && { productIds: [...idsOf(productIds)] }),
    ...(code !== '' && { code }),
    ...(couponId !== '' && { couponId }),
  }
}

/** What can change of a coupon. */
export type TypedChange = Pick<TypedCoupon, 'quantity' | 'validUntil'>

export const typedChangeOf = ({ quantity, validUntil }: Coupon): TypedChange => ({
  quantity: String(quantity),
  validUntil: localText(validUntil),
})

/** The rules of a change, which depend on the coupon. */
export const changeRuleOf = (name: keyof TypedChange, { issued }: Coupon): string =>
  name === 'quantity' && issued > 0 ? words.value.catalog.coupons.rules.belowIssued(number(issued)) : ruleOfField(name)

export const problemsOfChange = (typed: TypedChange, coupon: Coupon): Problems<keyof TypedChange> => ({
  ...(!isWhole(typed.quantity, Math.max(1, coupon.issued)) && { quantity: changeRuleOf('quantity', coupon) }),
  ...((typed.validUntil === '' || Date.parse(typed.validUntil) <= Date.parse(coupon.validFrom)) && {
    validUntil: changeRuleOf('validUntil', coupon),
  }),
})

export const changeOf = (typed: TypedChange, changed: readonly (keyof TypedChange)[], coupon: Coupon) => ({
  ...(changed.includes('quantity') && { quantity: amountOf(typed.quantity) ?? 0 }),
  ...(changed.includes('validUntil') && { validUntil: isoOf(typed.validUntil, coupon.validUntil) ?? '' }),
})

// Without the letters and digits that look alike.
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'

/** A code that nobody guesses: ten letters and digits, 31^10 codes. */
export const newCode = (): string => {
  const text = Array.from(crypto.getRandomValues(new Uint32Array(10)), (value) => letters[value % letters.length])
  return `${text.slice(0, 5).join('')}-${text.slice(5).join('')}`
}
