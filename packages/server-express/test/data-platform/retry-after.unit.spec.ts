import { expect, test } from 'vitest'
import { retryAfterMs } from '../../src/data-platform/retry-after.js'

const now = Date.UTC(2026, 0, 1, 12, 0, 0)

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['Thu, 01 Jan 2026 12:01:30 GMT', 90_000],
  ['Thursday, 01-Jan-26 12:01:30 GMT', 90_000],
  ['Thu, 01 Jan 2026 11:59:00 GMT', 0],
])('%s is a delay', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms)
})

test.each([[undefined], [''], ['soon'], ['-5'], ['1.5'], ['1e3'], ['99999999999'], ['Jan 2027']])(
  '%s is ignored',
  (header) => {
    expect(retryAfterMs(header, now)).toBeUndefined()
  },
)
