import type { Check } from '../shared/check.js'

/**
 * Data of your own on a row: at most 20 keys of 1 to 40 characters of `A-Za-z0-9_.-`, with texts of at most 500 characters,
 * and at most 4,096 bytes of JSON in UTF-8. The shop never decides by it.
 */
export type Metadata = Readonly<Record<string, string>>

const maxKeys = 20
const maxValueLength = 500
const maxBytes = 4_096
const keyPattern = /^[\w.-]{1,40}$/

const isValue = (value: unknown): boolean =>
  typeof value === 'string' &&
  [...value].length <= maxValueLength &&
  !value.includes('\0') &&
  !/\p{Surrogate}/u.test(value)

/** Returns what is wrong with {@link Metadata}, or undefined. */
export const metadata: Check = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object'
  const entries = Object.entries(value)
  if (entries.length > maxKeys) return `must have at most ${maxKeys} keys`
  if (entries.some(([key]) => !keyPattern.test(key))) return 'must have keys of 1 to 40 characters of A-Za-z0-9_.-'
  if (entries.some(([, each]) => !isValue(each)))
    return `must have well-formed texts of at most ${maxValueLength} characters as values`
  if (new TextEncoder().encode(JSON.stringify(value)).length > maxBytes)
    return `must be at most ${maxBytes} bytes of JSON`
  return undefined
}

/** Metadata as rows keep it: a copy, and null instead of an empty object. */
export const storedMetadata = (given: Metadata | null | undefined): Metadata | null =>
  given == null || Object.keys(given).length === 0 ? null : { ...given }
