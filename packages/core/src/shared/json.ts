import type { Check } from './check.js'

/** A JSON object: what the caller of a command tells guards and deciders beside the input. */
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

/** Returns what is wrong with a {@link CallContext}, or undefined. */
export const jsonObject: Check = (value) =>
  isPlainObject(value) && isJson(value) ? undefined : 'must be an object of plain JSON'
