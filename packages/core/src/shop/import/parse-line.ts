import { createProduct } from '../../commands/catalog/create-product.js'
import { createCoupon } from '../../commands/coupon/create-coupon.js'
import { importIssuedCoupon } from '../../commands/coupon/import-issued-coupon.js'
import { importUser } from '../../commands/wallet/import-user.js'
import type { AnyCommand } from '../../engine/command.js'
import type { Outcome } from '../../engine/outcome.js'
import { foldCode } from '../../model/coupon.js'
import type { Refusal } from '../../shared/refusal.js'
import type { NumberedLine } from './read-lines.js'

/** What a line brings: one call of a command. */
export interface ImportCall {
  /** The line's number. */
  readonly line: number
  readonly command: AnyCommand
  readonly input: object
  /** What the line makes: later lines that make or need the same wait for it. */
  readonly makes: readonly string[]
  /** What the line needs of earlier lines. */
  readonly needs: readonly string[]
  /** Whether such an outcome means that the data is there already. */
  readonly isThere: (outcome: Outcome<unknown>) => boolean
}

type Fields = Readonly<Record<string, unknown>>

/** One type of line. */
interface LineType {
  readonly command: AnyCommand
  /** The field that names what the line makes; it may be optional in the command. */
  readonly key: string
  readonly makes: (fields: Fields) => readonly string[]
  readonly needs: (fields: Fields) => readonly string[]
  readonly isThere: (outcome: Outcome<unknown>, fields: Fields) => boolean
}

const nothing: readonly string[] = []

const isRefused = (outcome: Outcome<unknown>, code: Refusal['code']): boolean =>
  !outcome.ok && outcome.refusal.code === code

const lineTypes: Readonly<Record<string, LineType>> = {
  user: {
    command: importUser,
    key: 'userId',
    makes: ({ userId, reference }) =>
      reference === undefined ? [`user ${userId}`] : [`user ${userId}`, `reference ${reference}`],
    needs: () => nothing,
    isThere: (outcome) => outcome.ok && !(outcome.result as { readonly imported: boolean }).imported,
  },
  product: {
    command: createProduct,
    key: 'productId',
    makes: ({ productId }) => [`product ${productId}`],
    needs: () => nothing,
    isThere: (outcome) => isRefused(outcome, 'PRODUCT_ALREADY_EXISTS'),
  },
  coupon: {
    command: createCoupon,
    key: 'couponId',
    makes: ({ couponId, code }) =>
      typeof code === 'string' ? [`coupon ${couponId}`, `code ${foldCode(code)}`] : [`coupon ${couponId}`],
    needs: () => nothing,
    // Another coupon may have the code of this line: then this coupon is not there.
    isThere: (outcome, { couponId }) =>
      !outcome.ok && outcome.refusal.code === 'COUPON_ALREADY_EXISTS' && outcome.refusal.couponId === couponId,
  },
  'issued-coupon': {
    command: importIssuedCoupon,
    key: 'couponId',
    makes: () => nothing,
    needs: ({ couponId, userId }) => [`coupon ${couponId}`, `user ${userId}`],
    isThere: (outcome) => isRefused(outcome, 'COUPON_ALREADY_ISSUED'),
  },
}

const typeNames = Object.keys(lineTypes).join(', ')

const callOf = (line: number, value: unknown): ImportCall | string => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be a JSON object'
  const { type, ...input } = value as Fields
  const lineType = typeof type === 'string' && Object.hasOwn(lineTypes, type) ? lineTypes[type] : undefined
  if (!lineType) return `type must be one of ${typeNames}`
  const { command, key, makes, needs, isThere } = lineType
  if (input[key] === undefined) return `${key} is missing`
  return {
    line,
    command,
    input,
    makes: makes(input),
    needs: needs(input),
    isThere: (outcome) => isThere(outcome, input),
  }
}

/** The call that a line asks for, or why there is none. */
export const parseLine = (numbered: NumberedLine): ImportCall | string => {
  if ('problem' in numbered) return numbered.problem
  if ('value' in numbered) return callOf(numbered.line, numbered.value)
  let value: unknown
  try {
    value = JSON.parse(numbered.text)
  } catch {
    return 'is not JSON'
  }
  return callOf(numbered.line, value)
}
