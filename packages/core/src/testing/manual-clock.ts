import type { Clock, Instant } from '../shared/instant.js'

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the clock by so many milliseconds. */
  move(ms: number): void
}

/** A clock that begins at `start`. */
export const manualClock = (start: Instant): ManualClock => {
  let now = start
  return {
    now: () => now,
    move: (ms) => {
      now += ms
    },
  }
}

/** Ids that say what they were made for and in which order. */
export const countedIds = (prefix = 'z'): (() => string) => {
  let made = 0
  return () => {
    made += 1
    return `${prefix}-${String(made).padStart(8, '0')}`
  }
}
