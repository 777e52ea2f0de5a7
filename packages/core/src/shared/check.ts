import { isId } from './id.js'
import type { InvalidField } from './refusal.js'

/** Says what is wrong with a value, or nothing. */
export type Check = (value: unknown) => string | undefined

export const id: Check = (value) => (isId(value) ? undefined : 'must be 1 to 64 characters of A-Z a-z 0-9 _ . : -')

export const integer =
  (minimum: number, maximum: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum
      ? undefined
      : `must be a whole number from ${minimum} to ${maximum}`

export const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')

/** A text that JSON, UTF-8 and Postgres can all hold: no NUL, no lone surrogate. */
export const text =
  (maximum: number): Check =>
  (value) => {
    if (typeof value !== 'string' || value === '' || [...value].length > maximum)
      return `must be a text of 1 to ${maximum} characters`
    return value.includes('\0') || /\p{Surrogate}/u.test(value) ? 'must be well-formed and hold no NUL' : undefined
  }

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value)

/** What is wrong with the fields of an input, each under its path. */
export const checkFields = (input: object, checks: Readonly<Record<string, Check>>, prefix = ''): InvalidField[] => {
  const errors: InvalidField[] = []
  for (const name in checks) {
    const message = checks[name]?.((input as Record<string, unknown> | null)?.[name])
    if (message !== undefined) errors.push({ path: prefix + name, message })
  }
  return errors
}
