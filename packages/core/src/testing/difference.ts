/** A matcher of any test runner: it decides itself whether a value matches. */
interface Matcher {
  asymmetricMatch(actual: unknown): boolean
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isMatcher = (value: unknown): value is Matcher =>
  isObject(value) && typeof value['asymmetricMatch'] === 'function'

export const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : Object.is(value, -0) ? '-0' : JSON.stringify(value)

/**
 * The differences between `actual` and `expected`, one line each. Objects may have additional members; lists must have
 * the same length. A member that is expected to be undefined must be absent.
 */
export const differences = (actual: unknown, expected: unknown, path = 'it'): readonly string[] => {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual) ? [] : [`${path} does not match: ${shown(actual)}`]
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path} is ${shown(actual)}, expected a list`]
    if (actual.length !== expected.length)
      return [`${path} has ${actual.length} items, expected ${expected.length}: ${shown(actual)}`]
    return expected.flatMap((each, index) => differences(actual[index], each, `${path}[${index}]`))
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return [`${path} is ${shown(actual)}, expected ${shown(expected)}`]
    return Object.entries(expected).flatMap(([name, each]) => differences(actual[name], each, `${path}.${name}`))
  }
  return Object.is(actual, expected) ? [] : [`${path} is ${shown(actual)}, expected ${shown(expected)}`]
}
