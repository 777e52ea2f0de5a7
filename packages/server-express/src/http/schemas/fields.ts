import { type EntryKind, entryKinds, eventStatuses, isId, type Metadata, orderStatuses } from '@shop/core'
import {
  type Check,
  couponCode as checkCouponCode,
  metadata as checkMetadata,
  reference as checkReference,
  time as checkTime,
  couponCodePattern,
  defaultListLimit,
  defaultProductPageSize,
  idPattern,
  idRule,
  maxCouponProducts,
  maxKeywordLength,
  maxLineQuantity,
  maxListLimit,
  maxMoney,
  maxNameLength,
  maxPrice,
  maxReasonLength,
  maxUnits,
  namePattern,
  nameProblem,
  referencePattern,
} from '@shop/core/commands'
import { z } from 'zod'

export const id = z.string().refine(isId, { error: idRule }).meta({ pattern: idPattern.source })

const isWellFormed = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text)

/** Counts code points: a character outside the Basic Multilingual Plane counts once, not twice. */
const text = (minimum: number, maximum: number) =>
  z
    .string()
    .refine(
      (value) => {
        const length = value.length <= maximum ? value.length : [...value].length
        return length >= minimum && length <= maximum
      },
      { error: `must have ${minimum} to ${maximum} characters` },
    )
    .refine(isWellFormed, { error: 'must be well-formed and hold no NUL' })
    .meta({ minLength: minimum, maxLength: maximum })

/** A name in a response. Stored rows may be older than the current rules. */
export const name = text(1, maxNameLength)
/** A name in a request. */
export const newName = z
  .string()
  .superRefine((value, context) => {
    const message = nameProblem(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .meta({
    minLength: 1,
    maxLength: maxNameLength,
    pattern: namePattern.source,
    description: 'Surrounding whitespace is trimmed; control characters and bidirectional overrides are refused',
  })
export const keyword = text(0, maxKeywordLength)

const whole = (minimum: number, maximum: number) => z.int().min(minimum).max(maximum)

/** Any whole number is well-formed. The shop decides which amounts it accepts. */
export const chargeAmount = z.int()
export const price = whole(0, maxPrice)
export const discountedAmount = whole(1, maxMoney)
export const minimumOrderAmount = whole(0, maxMoney)
export const percent = whole(1, 100)
export const stock = whole(0, maxUnits)
export const couponQuantity = whole(1, maxUnits)
export const lineQuantity = whole(1, maxLineQuantity)
export const stockChange = whole(-maxUnits, maxUnits).refine((change) => change !== 0, { error: 'must not be 0' })

export const money = z.int()
export const positiveMoney = whole(1, maxMoney)
export const balanceChange = whole(-maxMoney, maxMoney).refine((change) => change !== 0, { error: 'must not be 0' })
export const refundQuantity = whole(1, maxMoney)
export const count = z.int().min(0)

/** The rule stands in core; what it accepts is passed on as it was sent. */
const checked = (check: Check) => (value: unknown, context: z.RefinementCtx) => {
  const message = check(value)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
}

export const reference = z.string().superRefine(checked(checkReference)).meta({
  pattern: referencePattern.source,
  description:
    "The caller's own name for the request. It never expires: the same request is answered with the first result",
})
export const reason = text(1, maxReasonLength)
export const metadata = z
  .unknown()
  .superRefine(checked(checkMetadata))
  .meta({
    type: 'object',
    additionalProperties: { type: 'string', maxLength: 500 },
    maxProperties: 20,
    propertyNames: { pattern: '^[A-Za-z0-9_.-]{1,40}$' },
    description: 'Data of the caller: at most 4,096 bytes of JSON',
  }) as unknown as z.ZodType<Metadata>

/** In a response. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .optional()
  .meta({ description: 'The currency of the amounts, ISO 4217; absent if the shop names none' })

export const couponCode = z
  .string()
  .superRefine(checked(checkCouponCode))
  .meta({ pattern: couponCodePattern.source, description: 'Case makes no difference' })
export const couponProducts = z
  .array(id)
  .min(1)
  .max(maxCouponProducts)
  .refine((ids) => new Set(ids).size === ids.length, { error: 'must name each product once' })
  .meta({ uniqueItems: true, description: 'The products that the coupon is for; they need not exist' })
export const purchaseLimit = whole(1, maxUnits)

export const entryKind = z.enum(entryKinds as readonly [EntryKind, ...EntryKind[]])
export const orderStatus = z.enum(orderStatuses)
export const eventStatus = z.enum(eventStatuses)

/** An ISO 8601 time with its time zone, parsed to milliseconds since 1970. */
export const instant = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value))

/** An ISO 8601 time with its time zone, passed on as it was sent. */
export const sentTime = z.iso.datetime({ offset: true, abort: true }).superRefine(checked(checkTime))

/** An ISO 8601 time in UTC, in a response. */
export const time = z.iso.datetime()
export const day = z.iso.date()

const digits = /^[0-9]{1,16}$/

/** A whole number in a query string: decimal digits only. */
const decimal = (minimum: number, maximum: number) =>
  z
    .string()
    .transform((value, context) => {
      const number = digits.test(value) ? Number(value) : Number.NaN
      if (number >= minimum && number <= maximum) return number
      context.addIssue({ code: 'custom', message: `must be a whole number from ${minimum} to ${maximum}` })
      return z.NEVER
    })
    .meta({ type: 'integer', minimum, maximum })

export const limit = decimal(1, maxListLimit)
export const pageSize = limit.default(defaultListLimit)
export const productPageSize = limit.default(defaultProductPageSize)
export const pageNumber = decimal(0, Number.MAX_SAFE_INTEGER).default(0)
