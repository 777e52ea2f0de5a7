/** Returns the requirement that a value violates, or undefined. */
export type OptionCheck = (value: unknown) => string | undefined

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isFunction: OptionCheck = (value) => (typeof value === 'function' ? undefined : 'must be a function')

export const text: OptionCheck = (value) =>
  typeof value === 'string' && value.trim() !== '' ? undefined : 'must be a non-empty string'

export const oneOf =
  (...allowed: readonly unknown[]): OptionCheck =>
  (value) =>
    allowed.includes(value) ? undefined : `must be ${allowed.join(' or ')}`
