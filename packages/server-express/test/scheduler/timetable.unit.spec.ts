import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isValidTiming } from '../../src/scheduler/occurrences.js'
import { Timetable } from '../../src/scheduler/timetable.js'

const hour = 3_600_000

let timetable: Timetable
beforeEach(() => {
  vi.useFakeTimers({
    now: Date.UTC(2026, 0, 1, 12, 0, 0, 500),
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  timetable = new Timetable()
})
afterEach(() => {
  timetable.stop()
  vi.useRealTimers()
})

const counting = (rule: string, timeZone?: string) => {
  const times: string[] = []
  const errors: unknown[] = []
  timetable.add(
    { rule, ...(timeZone !== undefined && { timeZone }) },
    () => times.push(new Date().toISOString()),
    (error) => errors.push(error),
  )
  return { times, errors }
}

test('fires at the scheduled times', () => {
  const { times } = counting('*/5 * * * * *')
  vi.advanceTimersByTime(15_000)
  expect(times).toEqual(['2026-01-01T12:00:05.000Z', '2026-01-01T12:00:10.000Z', '2026-01-01T12:00:15.000Z'])
})

test('uses the time zone, including daylight saving time', () => {
  const seoul = counting('0 0 * * *', 'Asia/Seoul')
  vi.advanceTimersByTime(24 * hour)
  expect(seoul.times).toEqual(['2026-01-01T15:00:00.000Z'])

  vi.setSystemTime(Date.UTC(2026, 2, 28, 12))
  const berlin = counting('0 0 * * *', 'Europe/Berlin')
  vi.advanceTimersByTime(48 * hour)
  expect(berlin.times).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'])
})

test('fires at the start of a day without midnight', () => {
  vi.setSystemTime(Date.UTC(2026, 3, 22, 12))
  const { times, errors } = counting('0 0 * * *', 'Africa/Cairo')
  vi.advanceTimersByTime(72 * hour)
  expect(times).toEqual(['2026-04-22T22:00:00.000Z', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z'])
  expect(errors).toEqual([])
})

describe('a clock change', () => {
  test('forward fires missed times once, then continues as scheduled', () => {
    const { times } = counting('* * * * * *')
    vi.advanceTimersByTime(2_000)
    expect(times).toHaveLength(2)
    vi.setSystemTime(Date.now() + hour)
    vi.advanceTimersByTime(5_000)
    expect(times.length).toBeGreaterThanOrEqual(6)
    expect(times.length).toBeLessThanOrEqual(8)
  })

  test('backward replans the next time', () => {
    const { times } = counting('* * * * * *')
    vi.advanceTimersByTime(2_000)
    vi.setSystemTime(Date.now() - hour)
    vi.advanceTimersByTime(5_000)
    expect(times.length).toBeGreaterThanOrEqual(5)
  })
})

test('an error of the callback is reported, and the next time fires', () => {
  const errors: unknown[] = []
  let calls = 0
  timetable.add(
    { rule: '* * * * * *' },
    () => {
      calls += 1
      throw new Error('broken')
    },
    (error) => errors.push(error),
  )
  vi.advanceTimersByTime(3_000)
  expect(calls).toBe(3)
  expect(errors).toHaveLength(3)
})

test('stop cancels every timer', () => {
  const { times } = counting('* * * * * *')
  timetable.stop()
  vi.advanceTimersByTime(10_000)
  expect(times).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  ['*/15 * * * *', true],
  ['*/7 * * * * *', true],
  ['0 0 29 2 *', true],
  ['0 0 30 2 *', false],
  ['0 0 31 4 *', false],
  ['99 * * * *', false],
  ['tomorrow', false],
])('%s is valid: %s', (rule, readable) => {
  expect(isValidTiming({ rule, timeZone: 'Asia/Seoul' })).toBe(readable)
})

test('an invalid rule is refused', () => {
  expect(() => timetable.add({ rule: 'tomorrow' }, vi.fn(), vi.fn())).toThrow(TypeError)
})
