import { Cron } from 'croner'
import { Zone } from './zone.js'

export interface Timing {
  /** A cron expression of five fields, or six with seconds in front. */
  readonly rule: string
  /** IANA name. @default the machine's own zone */
  readonly timeZone?: string
}

/** The first time after an instant, both in milliseconds since 1970; nothing where none ever comes. */
export type Occurrences = (after: number) => number | undefined

const isEveryHour = (rule: string): boolean => rule.trim().split(/\s+/).at(-4) === '*'

/**
 * The times of a schedule. One that names hours comes once for each of its times, each day: at the first moment at which
 * the clocks show that time, or have passed over it. One that comes in every hour follows the clocks: in both of two equal
 * hours, in none that does not exist. croner reads the rule, but as if the zone were UTC: of a day whose last hour does not
 * exist (Nuuk) it leaves out the times in that hour. Throws for a rule that cannot be read.
 */
export const occurrencesOf = ({ rule, timeZone }: Timing): Occurrences => {
  const zone = new Zone(timeZone)
  // `5/15` is legal in a policy.
  const cron = new Cron(rule, { paused: true, timezone: 'UTC', sloppyRanges: true })
  const nextReading = (reading: number) => cron.nextRun(new Date(reading))?.getTime()
  if (!isEveryHour(rule)) {
    return (after) => {
      const reading = nextReading(zone.highestReading(after))
      return reading === undefined ? undefined : zone.firstAt(reading)
    }
  }
  const nextWith = (offset: number, after: number) => {
    const reading = nextReading(after + offset)
    return reading === undefined ? undefined : reading - offset
  }
  return (after) => {
    const next = nextWith(zone.offsetAt(after), after)
    const change = next === undefined ? undefined : zone.changeWithin(after, next)
    return change === undefined ? next : nextWith(zone.offsetAt(change), change - 1)
  }
}

/** Can the rule be read, and does its time ever come? */
export const isReadable = (timing: Timing): boolean => {
  try {
    return occurrencesOf(timing)(Date.now()) !== undefined
  } catch {
    return false
  }
}
