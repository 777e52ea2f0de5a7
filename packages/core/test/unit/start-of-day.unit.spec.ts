import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOfDay, isDay, startOfDay } from '../../src/shared/calendar.js'
import { addDays, dayOf } from '../../src/store.js'

const at = (text: string) => Date.parse(text)

const zones = [
  'UTC',
  'Asia/Seoul',
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Africa/Cairo',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Asia/Kathmandu',
]
const zone = fc.constantFrom(...zones)
const day = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1970-01-01', days))

describe('the start of a day', () => {
  it.each([
    ['UTC', '2025-06-15', '2025-06-15T00:00:00.000Z'],
    ['Asia/Seoul', '2025-06-15', '2025-06-14T15:00:00.000Z'],
    ['Asia/Seoul', '1970-01-01', '1969-12-31T15:00:00.000Z'],
    ['UTC', '9999-12-31', '9999-12-31T00:00:00.000Z'],
    ['Asia/Kathmandu', '2025-06-15', '2025-06-14T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2025-06-15', '2025-06-14T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2025-06-15', '2025-06-15T11:00:00.000Z'],
    // The days on which the clocks change, and the days after them.
    ['America/New_York', '2025-03-09', '2025-03-09T05:00:00.000Z'],
    ['America/New_York', '2025-03-10', '2025-03-10T04:00:00.000Z'],
    ['America/New_York', '2025-11-02', '2025-11-02T04:00:00.000Z'],
    ['America/New_York', '2025-11-03', '2025-11-03T05:00:00.000Z'],
    ['Australia/Lord_Howe', '2025-04-06', '2025-04-05T13:00:00.000Z'],
    ['Australia/Lord_Howe', '2025-04-07', '2025-04-06T13:30:00.000Z'],
    // The clocks went from midnight to one o'clock, so the day began at one.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    ['Africa/Cairo', '2023-04-28', '2023-04-27T22:00:00.000Z'],
    // The clocks went back from midnight to eleven, so the day began an hour later.
    ['America/Sao_Paulo', '2018-02-18', '2018-02-18T03:00:00.000Z'],
  ])('in %s, %s is %s', (timeZone, text, start) => {
    expect(new Date(startOfDay(text, timeZone)).toISOString()).toBe(start)
  })

  it('of a day that a zone skipped is the start of the next day', () => {
    const next = at('2011-12-30T10:00:00.000Z')
    expect(startOfDay('2011-12-29', 'Pacific/Apia')).toBe(at('2011-12-29T10:00:00.000Z'))
    expect(startOfDay('2011-12-30', 'Pacific/Apia')).toBe(next)
    expect(startOfDay('2011-12-31', 'Pacific/Apia')).toBe(next)
    expect(startOfDay('2012-01-01', 'Pacific/Apia')).toBe(at('2011-12-31T10:00:00.000Z'))
  })

  it('is the first instant of the day, and never comes after the next start', () => {
    fc.assert(
      fc.property(zone, day, (timeZone, text) => {
        const start = startOfDay(text, timeZone)
        expect(dayOf(start - 1, timeZone) < text).toBe(true)
        expect(dayOf(start, timeZone) >= text).toBe(true)
        const hours = (startOfDay(addDays(text, 1), timeZone) - start) / 3_600_000
        expect(hours).toBeGreaterThanOrEqual(0)
        expect(hours).toBeLessThanOrEqual(25)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a day', () => {
  it.each(['1970-01-01', '2024-02-29', '2026-12-31', '9999-12-31'])('can be %s', (text) => {
    expect(isDay(text)).toBe(true)
  })

  it.each([
    '2026-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '2026-01-32',
    '1969-12-31',
    '0000-01-01',
    '10000-01-01',
    '2026-1-1',
    '20260101',
    '2026-01-01T00:00:00Z',
    ' 2026-01-01',
    '2026-01-01\n',
    'today',
    '',
    20_260_101,
    null,
    undefined,
    new Date(0),
  ])('cannot be %j', (value) => {
    expect(isDay(value)).toBe(false)
  })
})

describe('the end of a day', () => {
  it.each([
    ['2026-03-08', 'America/New_York', '2026-03-09T04:00:00.000Z'],
    ['2026-12-31', 'Asia/Seoul', '2026-12-31T15:00:00.000Z'],
    ['9999-12-31', 'UTC', '+010000-01-01T00:00:00.000Z'],
    ['9999-12-31', 'Asia/Seoul', '9999-12-31T15:00:00.000Z'],
  ])('%s in %s is %s', (day, timeZone, end) => {
    expect(new Date(endOfDay(day, timeZone)).toISOString()).toBe(end)
  })
})
