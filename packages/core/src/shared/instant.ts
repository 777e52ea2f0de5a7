/** Milliseconds since 1970-01-01T00:00:00Z. Rows hold instants; answers hold ISO 8601 strings. */
export type Instant = number

const texts = new Map<Instant, string>()
const maxTexts = 256

/** The last texts are kept: the members of a group share one instant, and one coupon's window. */
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

/** A deadline has passed from its own millisecond on. */
export const hasPassed = (deadline: Instant, now: Instant): boolean => deadline <= now

/** Tells the time. Where a store is given none, it asks its database, so that several servers share one clock. */
export interface Clock {
  now(): Instant
}

export const systemClock: Clock = { now: () => Date.now() }
