import { Cron } from 'croner'
import { Zone } from './zone.js'

export interface Timing {
  /** A cron expression of five fields, or six with seconds in front. */
  readonly rule: string
  /** IANA name. @default the time zone of the machine */
  readonly timeZone?: string
}

/** The first occurrence after an instant, both in milliseconds since 1970. Undefined if none follows. */
export type Occurrences = (after: number) => number | undefined

const isEveryHour = (rule: string): boolean => rule.trim().split(/\s+/).at(-4) === '*'

/**
 * The occurrences of a schedule, with defined behaviour at clock changes.
 * A schedule with fixed hours occurs exactly once per scheduled time and day: at the first moment when the
 * local time reaches or skips it. A schedule for every hour follows the clocks: it occurs in both of two equal
 * hours, and not in a skipped hour.
 * croner evaluates the rule as if the zone were UTC. With a zone, croner omits times in a skipped last hour of
 * a day (Nuuk). Throws if the rule is invalid.
 */
export const occurrencesOf = ({ rule, timeZone }: Timing): Occurrences => {
  const zone = new Zone(timeZone)
  // Policies allow `5/15`.
  const cron = new Cron(rule, { paused: true, timezone: 'UTC', sloppyRanges: true })
  const nextLocalTime = (local: number) => cron.nextRun(new Date(local))?.getTime()
  if (!isEveryHour(rule)) {
    return (after) => {
      const local = nextLocalTime(zone.latestLocalTime(after))
      return local === undefined ? undefined : zone.firstAt(local)
    }
  }
  const nextWith = (offset: number, after: number) => {
    const local = nextLocalTime(after + offset)
    return local === undefined ? undefined : local - offset
  }
  return (after) => {
    const next = nextWith(zone.offsetAt(after), after)
    const change = next === undefined ? undefined : zone.changeWithin(after, next)
    return change === undefined ? next : nextWith(zone.offsetAt(change), change - 1)
  }
}

/** Whether the rule is valid and occurs at some time. */
export const isValidTiming = (timing: Timing): boolean => {
  try {
    return occurrencesOf(timing)(Date.now()) !== undefined
  } catch {
    return false
  }
}
