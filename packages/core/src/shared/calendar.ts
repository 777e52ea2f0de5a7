import type { Instant } from './instant.js'

/** A calendar day, `YYYY-MM-DD`. */
export type Day = string

const formats = new Map<string, Intl.DateTimeFormat>()
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formats.set(timeZone, format)
  }
  return format
}

/**
 * `UTC`, or an IANA name of the form `Area/City`. Offsets and abbreviations are refused: Postgres reads the sign of
 * `+09:00` the other way round, and treats `CET` as a fixed offset.
 */
export const isTimeZone = (timeZone: string): boolean => {
  if (timeZone !== 'UTC' && !timeZone.includes('/')) return false
  try {
    formatOf(timeZone)
    return true
  } catch {
    return false
  }
}

const computeDay = (instant: Instant, timeZone: string): Day => {
  const part: Record<string, string> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) part[type] = value
  return `${part['year']}-${part['month']}-${part['day']}`
}

let last: { readonly instant: Instant; readonly timeZone: string; readonly day: Day } | undefined

/**
 * The calendar day of `instant` in `timeZone`, with daylight saving. The last result is cached: the members of a group
 * share one instant, and formatting it costs as much as deciding.
 */
export const dayOf = (instant: Instant, timeZone: string): Day => {
  if (last?.instant !== instant || last.timeZone !== timeZone) {
    last = { instant, timeZone, day: computeDay(instant, timeZone) }
  }
  return last.day
}

/** `days` calendar days after `day`, or before it if negative. Days of 23 or 25 hours count as one day. */
export const addDays = (day: Day, days: number): Day => {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

/** Whether this is a day that exists, `YYYY-MM-DD`, from 1970 on. */
export const isDay = (text: unknown): text is Day =>
  typeof text === 'string' && /^(?:19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}$/.test(text) && isDate(text)

const isDate = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text
}

/** No time zone is further from UTC than this. */
const maxOffsetMs = 27 * 3_600_000

/** The first instant of `day` in `timeZone`: usually midnight, or the end of the gap where daylight saving skips it. */
export const startOfDay = (day: Day, timeZone: string): Instant => {
  const utc = Date.parse(`${day}T00:00:00Z`)
  let before = utc - maxOffsetMs
  let from = utc + maxOffsetMs
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2)
    if (computeDay(middle, timeZone) >= day) from = middle
    else before = middle
  }
  return from
}

const lastDay: Day = '9999-12-31'

/** The first instant after `day` in `timeZone`. No {@link Day} follows 9999-12-31: it has 24 hours. */
export const endOfDay = (day: Day, timeZone: string): Instant =>
  day === lastDay ? startOfDay(day, timeZone) + 24 * 3_600_000 : startOfDay(addDays(day, 1), timeZone)
