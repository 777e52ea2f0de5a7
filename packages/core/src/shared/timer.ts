/** Time for waiting callers: the elapsed time, and pauses before a retry. */
export interface Timer {
  /** Milliseconds on a clock that never goes back. */
  elapsedMs(): number
  /** Resolves after this many milliseconds. */
  pause(ms: number): Promise<void>
  /**
   * Runs the work once, after this many milliseconds, without keeping the process alive. Without this function, a caller
   * that times out during a transaction is answered when that transaction ends.
   */
  after?(ms: number, work: () => void): void
  /** A random number from 0 to 1. */
  random(): number
}

/** The longest delay that `setTimeout` accepts: a longer one would end at once. */
export const maxDelayMs = 2 ** 31 - 1

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
