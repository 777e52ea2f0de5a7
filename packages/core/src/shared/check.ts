import { idRule, isId } from './id.js'
import { isTime } from './instant.js'
import { maxInstant, maxListLimit, maxNameLength } from './limits.js'
import type { InvalidField } from './refusal.js'

/** Returns what is wrong with a value, or undefined. */
export type Check = (value: unknown) => string | undefined

/** An id: 1 to 64 characters of `A-Za-z0-9_.:-`, but not `.` or `..`. */
export const id: Check = (value) => (isId(value) ? undefined : idRule)

/** A whole number from `minimum` to `maximum`, inclusive. Nothing is coerced: `'1'` is refused. */
export const integer =
  (minimum: number, maximum = Number.POSITIVE_INFINITY): Check =>
  (value) => {
    if (Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum) return undefined
    return `must be a whole number from ${minimum}${maximum === Number.POSITIVE_INFINITY ? '' : ` to ${maximum}`}`
  }

/** `true` or `false`. */
export const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')

/** One of the texts in `values`. */
export const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string) ? undefined : `must be one of ${values.join(', ')}`

/** A text of 1 to `maximum` code points that JSON, UTF-8 and Postgres can all hold: no NUL, no lone surrogate. */
export const text =
  (maximum: number): Check =>
  (value) => {
    if (typeof value !== 'string' || value === '' || [...value].length > maximum)
      return `must be a text of 1 to ${maximum} characters`
    return value.includes('\0') || /\p{Surrogate}/u.test(value) ? 'must be well-formed and hold no NUL' : undefined
  }

/** A time from 1970 to 9999: see {@link TimeInput}. */
export const time: Check = (value) =>
  isTime(value)
    ? undefined
    : 'must be a time from 1970 to 9999: a Date, ISO 8601 text with its time zone, or milliseconds'

/**
 * Characters that a name may hold, as a pattern that schemas can use.
 *
 * Control characters, line breaks and characters that change the direction of the surrounding text are refused. Joiners
 * are allowed, because emoji and Persian need them. Direction marks are allowed, because they have no effect beyond the
 * name.
 */
export const namePattern = /^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/**
 * Returns what is wrong with the name of a product or a coupon, or undefined. A name has 1 to 100 code points after the
 * shop has trimmed it.
 */
export const nameProblem = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return text(maxNameLength)(value)
  const unfit = [...value].find((character) => !namePattern.test(character))
  if (unfit !== undefined) return `must not hold the character ${codePoint(unfit)}`
  const name = value.trim()
  if (name !== '' && /^[\s\p{Default_Ignorable_Code_Point}]*$/u.test(name))
    return 'must hold a character that can be seen'
  return text(maxNameLength)(name)
}

/** The pattern of an idempotency key and of its scope; schemas use it, too. */
export const idempotencyKeyPattern = /^[!-~]{1,255}$/

/** The reason for any other text. */
export const idempotencyKeyRule = 'must be 1 to 255 visible ASCII characters'

export const idempotencyKey: Check = (value) =>
  typeof value === 'string' && idempotencyKeyPattern.test(value) ? undefined : idempotencyKeyRule

/** The value may be missing or `undefined`; otherwise `check` applies. */
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value)

/** As {@link optional}; `null` also counts as left out, because answers say it so. */
export const nullish =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null ? undefined : check(value)

/** A field that is checked elsewhere. */
export const checkedElsewhere: Check = () => undefined

/**
 * Returns every invalid field of an input with its path. `checks` names all known fields. Any other field is refused,
 * unless its value is `undefined`.
 */
export const checkFields = (input: unknown, checks: Readonly<Record<string, Check>>, prefix = ''): InvalidField[] => {
  const errors: InvalidField[] = []
  const fields = typeof input === 'object' && !Array.isArray(input) ? (input as Record<string, unknown> | null) : null
  for (const name in checks) {
    const message = checks[name]?.(fields?.[name])
    if (message !== undefined) errors.push({ path: prefix + name, message })
  }
  for (const name in fields) {
    if (!Object.hasOwn(checks, name) && fields[name] !== undefined)
      errors.push({ path: prefix + name, message: 'is not known here' })
  }
  if (fields === null && errors.length === 0) errors.push({ path: prefix.slice(0, -1), message: 'must be an object' })
  return errors
}

const position = {
  at: integer(0, maxInstant),
  // Rows may be older than the current rule for ids.
  id: (value: unknown) => (typeof value === 'string' ? undefined : 'must be a text'),
}

/** The fields of every list that is paged by position. */
export const pageFields = {
  limit: optional(integer(1, maxListLimit)),
  after: optional((value) =>
    checkFields(value, position).length === 0 ? undefined : 'must be the next of the page before',
  ),
}
