import { describe, expect, test } from 'vitest'
import { inMinutes, isoOf, localText, nextNoon } from '../src/operations/local-time.js'

const iso = (...at: [number, number, number, number, number, number?]): string => new Date(...at).toISOString()

describe('a moment in an input', () => {
  test('is of the reader’s time zone, and comes back as it was', () => {
    const at = iso(2026, 10, 3, 9, 5)
    expect(localText(at)).toBe('2026-11-03T09:05')
    expect(isoOf('2026-11-03T09:05')).toBe(at)
    expect([localText(null), localText(undefined), isoOf('')]).toEqual(['', '', null])
  })

  test('keeps the seconds that the input hides, until it is changed', () => {
    const at = iso(2026, 10, 3, 9, 5, 42)
    expect(isoOf(localText(at), at)).toBe(at)
    expect(isoOf('2026-11-03T09:06', at)).toBe(iso(2026, 10, 3, 9, 6))
  })
})

test('the next noon is at least ten minutes away', () => {
  expect(nextNoon(new Date(2026, 10, 3, 11, 50))).toBe('2026-11-03T12:00')
  expect(nextNoon(new Date(2026, 10, 3, 11, 51))).toBe('2026-11-04T12:00')
  expect(nextNoon(new Date(2026, 11, 31, 13, 0))).toBe('2027-01-01T12:00')
})

test('a moment some minutes away is a whole minute, and not earlier', () => {
  expect(inMinutes(5, Date.parse(iso(2026, 10, 3, 9, 5)))).toBe('2026-11-03T09:10')
  expect(inMinutes(5, Date.parse(iso(2026, 10, 3, 9, 5, 1)))).toBe('2026-11-03T09:11')
})
