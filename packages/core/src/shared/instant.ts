import { maxInstant } from './limits.js'

/** Milliseconds since 1970-01-01T00:00:00Z. Rows hold instants; views hold ISO 8601 texts. */
export type Instant = number

/**
 * A time in an input, from 1970 to 9999 in UTC: a `Date`, ISO 8601 text with its time zone (`2030-01-01T00:00:00Z`,
 * `2030-01-01T09:00:00+09:00`), or milliseconds since 1970-01-01T00:00:00Z. Results use ISO 8601 text in UTC.
 */
export type TimeInput = Date | string | Instant

const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]'

const isoText = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/

/** Whether the day exists: `Date.parse` accepts the 30th of February as the 2nd of March. */
const isDayOf = (year: number, month: number, day: number): boolean =>
  day <= new Date(Date.UTC(year, month, 0)).getUTCDate()

const parse = (text: string): Instant => {
  const [, year, month, day] = isoText.exec(text) ?? []
  return isDayOf(Number(year), Number(month), Number(day)) ? Date.parse(text) : Number.NaN
}

/** The instant of a time; `NaN` for an invalid text or `Date`. */
export const instantOf = (time: TimeInput): Instant =>
  typeof time === 'number' ? time : typeof time === 'string' ? parse(time) : time.getTime()

/** Whether this is a time from 1970 to 9999, in a form that {@link TimeInput} allows. */
export const isTime = (value: unknown): value is TimeInput => {
  if (typeof value !== 'number' && typeof value !== 'string' && !isDate(value)) return false
  const instant = instantOf(value)
  return Number.isSafeInteger(instant) && instant >= 0 && instant <= maxInstant
}

const texts = new Map<Instant, string>()
const maxTexts = 256

/**
 * The instant as ISO 8601 text in UTC, with milliseconds. The last texts are cached: the members of a group share one
 * instant and the validity of one coupon.
 */
export const iso = (instant: Instant): string => {
  let text = texts.get(instant)
  if (text === undefined) {
    text = new Date(instant).toISOString()
    if (texts.size === maxTexts) texts.clear()
    texts.set(instant, text)
  }
  return text
}

export const isoOrNull = (instant: Instant | null): string | null => (instant === null ? null : iso(instant))

/** Whether a deadline has passed. It has from its own millisecond on. */
export const hasPassed = (deadline: Instant, now: Instant): boolean => deadline <= now

/** Tells the time. Without a clock, a store asks its database, so that several servers share one. */
export interface Clock {
  /** The current time. */
  now(): Instant
}

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() }
