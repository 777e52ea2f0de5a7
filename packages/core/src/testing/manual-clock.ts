import type { Clock, Instant } from '../shared/instant.js'

/** A clock that advances only when it is moved. */
export interface ManualClock extends Clock {
  /** Advances the clock by this many milliseconds. */
  move(ms: number): void
}

/** A clock that starts at `start`. */
export const manualClock = (start: Instant): ManualClock => {
  let now = start
  return {
    now: () => now,
    move: (ms) => {
      now += ms
    },
  }
}

/** Ids with a prefix and a counter. */
export const countedIds = (prefix = 'z'): (() => string) => {
  let made = 0
  return () => {
    made += 1
    return `${prefix}-${String(made).padStart(8, '0')}`
  }
}
