/** Milliseconds since 1970-01-01T00:00:00Z. Rows hold instants; answers hold ISO 8601 strings. */
export type Instant = number

export const iso = (instant: Instant): string => new Date(instant).toISOString()

export const isoOrNull = (instant: Instant | null): string | null => (instant === null ? null : iso(instant))

/** Tells the time. Where a store is given none, it asks its database, so that several servers share one clock. */
export interface Clock {
  now(): Instant
}

export const systemClock: Clock = { now: () => Date.now() }
