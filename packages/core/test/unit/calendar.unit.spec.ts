import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { iso } from '../../src/commands.js'
import { isTimeZone } from '../../src/shared/calendar.js'
import { isoOrNull } from '../../src/shared/instant.js'
import { addDays, dayOf } from '../../src/store.js'

const at = (text: string) => Date.parse(text)

describe('the calendar day of an instant', () => {
  it.each([
    ['Asia/Seoul', '2025-06-14T14:59:59.999Z', '2025-06-14'],
    ['Asia/Seoul', '2025-06-14T15:00:00.000Z', '2025-06-15'],
    ['UTC', '2025-12-31T23:59:59.999Z', '2025-12-31'],
    ['America/New_York', '2025-03-09T04:59:59.999Z', '2025-03-08'],
    ['America/New_York', '2025-03-09T05:00:00.000Z', '2025-03-09'],
    ['America/New_York', '2025-03-10T03:59:59.999Z', '2025-03-09'],
    ['America/New_York', '2025-03-10T04:00:00.000Z', '2025-03-10'],
    ['America/New_York', '2025-11-02T04:00:00.000Z', '2025-11-02'],
    ['America/New_York', '2025-11-03T04:59:59.999Z', '2025-11-02'],
    ['America/New_York', '2025-11-03T05:00:00.000Z', '2025-11-03'],
    ['Europe/London', '2025-03-30T22:59:59.999Z', '2025-03-30'],
    ['Europe/London', '2025-03-30T23:00:00.000Z', '2025-03-31'],
    ['Europe/London', '2025-10-25T23:00:00.000Z', '2025-10-26'],
    ['Europe/London', '2025-10-26T23:59:59.999Z', '2025-10-26'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
    ['Asia/Kathmandu', '2025-06-14T18:14:59.999Z', '2025-06-14'],
    ['Asia/Kathmandu', '2025-06-14T18:15:00.000Z', '2025-06-15'],
  ])('in %s, %s is on %s', (timeZone, instant, day) => {
    expect(dayOf(at(instant), timeZone)).toBe(day)
  })

  it('has 23 hours when the clocks go forward, and 25 when they go back', () => {
    const hoursOn = (day: string) => {
      const noon = at(`${day}T16:00:00Z`)
      const around = Array.from({ length: 60 }, (_, index) => noon + (index - 30) * 3_600_000)
      return around.filter((hour) => dayOf(hour, 'America/New_York') === day).length
    }
    expect(['2025-03-08', '2025-03-09', '2025-11-02'].map(hoursOn)).toEqual([24, 23, 25])
  })

  it('never decreases as time advances', () => {
    const zone = fc.constantFrom('America/New_York', 'Europe/London', 'Pacific/Apia', 'Asia/Seoul', 'UTC')
    const instant = fc.integer({ min: at('2000-01-01'), max: at('2040-01-01') })
    fc.assert(
      fc.property(zone, instant, fc.nat({ max: 172_800_000 }), (timeZone, from, later) => {
        return dayOf(from, timeZone) <= dayOf(from + later, timeZone)
      }),
    )
  })
})

describe('adding days', () => {
  it.each([
    ['2025-02-28', 1, '2025-03-01'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2025-01-01', -1, '2024-12-31'],
    ['2025-03-08', 1, '2025-03-09'],
    ['2025-03-09', 1, '2025-03-10'],
    ['2025-11-02', 1, '2025-11-03'],
    ['2025-06-15', 0, '2025-06-15'],
    ['2025-06-15', -366, '2024-06-14'],
  ])('%s and %i days is %s, whatever the clocks do', (day, days, expected) => {
    expect(addDays(day, days)).toBe(expected)
  })

  it('is reversed by subtracting the same days', () => {
    const day = fc.integer({ min: -20_000, max: 40_000 }).map((days) => addDays('1970-01-01', days))
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: -400, max: 400 }),
        (from, days) => addDays(addDays(from, days), -days) === from,
      ),
    )
  })
})

describe('a time zone', () => {
  it('is accepted as an IANA name', () => {
    expect(['Asia/Seoul', 'UTC', 'America/Argentina/Buenos_Aires'].every(isTimeZone)).toBe(true)
    expect(['Asia/Atlantis', '', 'KST+9', '9'].map(isTimeZone)).toEqual([false, false, false, false])
  })

  it('is refused as an offset or abbreviation, which databases read differently', () => {
    expect(['+09:00', '-05:30', 'CET', 'EST5EDT', 'utc', 'GMT'].filter(isTimeZone)).toEqual([])
  })
})

describe('an instant as text', () => {
  it('is ISO 8601 in UTC, with milliseconds', () => {
    expect(iso(at('2025-06-15T12:00:00+09:00'))).toBe('2025-06-15T03:00:00.000Z')
    expect(isoOrNull(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(isoOrNull(null)).toBeNull()
  })
})
