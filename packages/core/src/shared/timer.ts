/** How time passes for callers that wait: what has elapsed, and pauses before a retry. */
export interface Timer {
  /** Milliseconds on a clock that never goes back. */
  elapsedMs(): number
  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void>
  /**
   * Does the work once, after so many milliseconds, without keeping the process alive. Without it, callers that time out
   * during a transaction are answered when that transaction ends.
   */
  after?(ms: number, work: () => void): void
  /** Between 0 and 1. */
  random(): number
}

/** The timer of this process. */
export const systemTimer: Timer = {
  elapsedMs: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  after(ms, work) {
    const timer = setTimeout(work, ms) as { unref?: () => void }
    timer.unref?.()
  },
  random: () => Math.random(),
}
