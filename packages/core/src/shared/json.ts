import type { Check } from './check.js'

/** A JSON object of at most 4,096 characters: what the caller of a command gives to guards and deciders beside the input. */
export type CallContext = Readonly<Record<string, unknown>>

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const isJson = (value: unknown): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  return isPlainObject(value) && Object.values(value).every((member) => member === undefined || isJson(member))
}

/** A context is stored with the idempotency key of its call. */
const maxLength = 4_096

/** The length of a value as JSON; undefined if it has none, because it is circular or too deep. */
const lengthOf = (value: unknown): number | undefined => {
  try {
    return JSON.stringify(value)?.length
  } catch {
    return undefined
  }
}

/** Returns what is wrong with a {@link CallContext}, or undefined. */
export const jsonObject: Check = (value) => {
  const length = isPlainObject(value) ? lengthOf(value) : undefined
  if (length !== undefined && length > maxLength) return 'must have at most 4,096 characters as JSON'
  return length !== undefined && isJson(value) ? undefined : 'must be an object of plain JSON'
}
