import { describe, expect, test } from 'vitest'
import { occurrencesOf } from '../../src/scheduler/occurrences.js'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const from = Date.UTC(2026, 0, 1)
const to = Date.UTC(2028, 0, 1)
const zones = Intl.supportedValuesOf('timeZone')

const dayIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  return (instant: number) => format.format(instant)
}

/** Every clock change, found without the code under test. */
const changesOf = (timeZone: string): number[] => {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const offset = (instant: number) => format.format(instant).split(', ')[1]
  const changes: number[] = []
  // Morocco changes its clocks for a month, others for half a year.
  for (let begin = from - day; begin < to; begin += 7 * day) {
    const before = offset(begin)
    if (offset(begin + 7 * day) === before) continue
    let [earlier, later] = [begin, begin + 7 * day]
    while (later - earlier > minute) {
      const middle = earlier + Math.floor((later - earlier) / minute / 2) * minute
      if (offset(middle) === before) earlier = middle
      else later = middle
    }
    changes.push(later)
  }
  return changes
}

const changes = new Map(zones.map((timeZone) => [timeZone, changesOf(timeZone)]))

/** One zone for each group of zones whose clocks always agree. */
const distinct = new Map(
  [...changes].map(([timeZone, times]) => {
    const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    return [[from, ...times].map((at) => `${at} ${format.format(at)}`).join(), timeZone]
  }),
).values()
const every = [...distinct]
const changing = every
  .map((timeZone) => [timeZone, changes.get(timeZone) ?? []] as const)
  .filter(([, times]) => times.length > 0)

const runs = (rule: string, timeZone: string, begin: number, end: number): number[] => {
  const nextAfter = occurrencesOf({ rule, timeZone })
  const times: number[] = []
  for (let time = nextAfter(begin); time !== undefined && time < end; time = nextAfter(time)) times.push(time)
  return times
}

const daily = ['0 0 * * *', '5 0 * * *', '30 0 * * *', '0 1 * * *', '30 2 * * *', '59 23 * * *', '30 59 23 * * *']

test('the tested zones include changes at midnight, by half an hour, and for a month', () => {
  for (const name of [
    'Africa/Cairo',
    'Asia/Beirut',
    'America/Havana',
    'America/Santiago',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
  ])
    expect(changes.get(name)?.length, name).toBeGreaterThan(2)
  expect(every.length).toBeGreaterThan(60)
  expect(changing.length).toBeGreaterThan(20)
})

test('a daily schedule at midnight occurs once on each day of two years, in every time zone', () => {
  const wrong: string[] = []
  for (const timeZone of every) {
    const dayOf = dayIn(timeZone)
    const expected = new Set<string>()
    for (let time = from; time < to; time += 12 * hour) expected.add(dayOf(time))
    expected.add(dayOf(to - 1))
    const [first = ''] = expected
    const days = runs('0 0 * * *', timeZone, from, to)
      .map(dayOf)
      .filter((each) => each !== first)
    expected.delete(first)
    if (days.join() !== [...expected].join()) wrong.push(timeZone)
  }
  expect(wrong).toEqual([])
}, 60_000)

test.each(daily)(
  '%s occurs once a day around every clock change, as early as possible',
  (rule) => {
    const [minutes = 0, hours = 0] = rule.split(' ').slice(-5).map(Number)
    const scheduled = hours * 60 + minutes
    const wrong: string[] = []
    for (const [timeZone, times] of changing) {
      const dayOf = dayIn(timeZone)
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' })
      const reading = (instant: number) => {
        const [h = 0, m = 0] = clock.format(instant).split(':').map(Number)
        return h * 60 + m
      }
      for (const change of times) {
        const begin = change - 3 * day
        const came = runs(rule, timeZone, begin, change + 3 * day)
        // In Nuuk the last hour of a day does not exist: the first moment after it is the next day's.
        const isOfDayBefore = (time: number) => time === change && reading(time) < scheduled
        const days = new Set<string>()
        for (let time = begin + day; time < change + 2 * day; time += hour) days.add(dayOf(time))
        for (const each of days) {
          const [time, ...more] = came.filter((one) => dayOf(isOfDayBefore(one) ? one - 1 : one) === each)
          if (time === undefined || more.length > 0) wrong.push(`${timeZone} ${each}: ${more.length + 1}`)
          else if (reading(time) !== scheduled && time !== change) wrong.push(`${timeZone} ${each}: late`)
        }
      }
    }
    expect(wrong).toEqual([])
  },
  60_000,
)

describe('at clock changes', () => {
  const shown = (rule: string, timeZone: string, begin: string, count: number) => {
    const nextAfter = occurrencesOf({ rule, timeZone })
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    const times: string[] = []
    for (let time = Date.parse(begin); times.length < count; ) {
      time = nextAfter(time) ?? Number.NaN
      times.push(`${format.format(time)} ${new Date(time).toISOString().slice(11, 16)}Z`)
    }
    return times
  }

  test.each([
    [
      'a time that does not exist comes at the first moment after',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29 03:00 01:00Z', '2026-03-30 02:30 00:30Z'],
    ],
    [
      'times that do not exist come together',
      '0,20,40 2,3 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29 03:00 01:00Z', '2026-03-29 03:20 01:20Z', '2026-03-29 03:40 01:40Z', '2026-03-30 02:00 00:00Z'],
    ],
    [
      'a time that comes twice is the first',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25 02:30 00:30Z', '2026-10-26 02:30 01:30Z'],
    ],
    ['even asked for between the two', '30 2 * * *', 'Europe/Berlin', '2026-10-25T00:45Z', ['2026-10-26 02:30 01:30Z']],
    [
      'a time after the repeated hour is not early',
      '0 3 * * *',
      'Europe/Berlin',
      '2026-10-25T00:45Z',
      ['2026-10-25 03:00 02:00Z'],
    ],
    [
      'midnight that comes twice is the first',
      '0 0 * * *',
      'America/Havana',
      '2026-10-31T12:00Z',
      ['2026-11-01 00:00 04:00Z', '2026-11-02 00:00 05:00Z'],
    ],
    [
      'clocks put back by half an hour repeat no daily run',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T12:00Z',
      ['2026-04-05 01:45 14:45Z', '2026-04-06 01:45 15:15Z'],
    ],
    [
      'every hour goes on every hour when clocks are put forward',
      '30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:00Z',
      ['2026-03-29 01:30 00:30Z', '2026-03-29 03:30 01:30Z', '2026-03-29 04:30 02:30Z'],
    ],
    [
      'every hour goes on every hour when clocks are put back',
      '30 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:00Z',
      ['2026-10-25 02:30 00:30Z', '2026-10-25 02:30 01:30Z', '2026-10-25 03:30 02:30Z'],
    ],
    [
      'every twenty minutes goes on when clocks are put back by half an hour',
      '*/20 * * * *',
      'Australia/Lord_Howe',
      '2026-04-04T14:30Z',
      ['2026-04-05 01:40 14:40Z', '2026-04-05 01:40 15:10Z', '2026-04-05 02:00 15:30Z', '2026-04-05 02:20 15:50Z'],
    ],
  ])('%s', (_, rule, timeZone, begin, expected) => {
    expect(shown(rule, timeZone, begin, expected.length)).toEqual(expected)
  })

  test('a schedule of every ten minutes occurs every ten minutes at clock changes, in every zone', () => {
    const wrong: string[] = []
    for (const [timeZone, times] of changing) {
      for (const change of times) {
        const came = runs('*/10 * * * *', timeZone, change - 3 * hour, change + 3 * hour)
        const gaps = came.slice(1).map((time, index) => time - (came[index] as number))
        if (gaps.some((gap) => gap !== 10 * minute)) wrong.push(`${timeZone} ${new Date(change).toISOString()}`)
      }
    }
    expect(wrong).toEqual([])
  }, 60_000)
})

test('a schedule with seconds occurs every second', () => {
  expect(runs('*/5 * * * * *', 'Asia/Seoul', from + 500, from + 20_001).map((time) => time - from)).toEqual([
    5_000, 10_000, 15_000, 20_000,
  ])
})
