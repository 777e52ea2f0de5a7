/** Time for those who wait: how long somebody has waited, and a pause before trying again. */
export interface Timer {
  /** Milliseconds on a clock that never goes back. */
  elapsedMs(): number
  pause(ms: number): Promise<void>
  /**
   * Does the work once, after so many milliseconds, and does not keep the process alive for it. Without it, callers whose
   * time is up while a transaction runs are answered only when that has ended.
   */
  after?(ms: number, work: () => void): void
  /** Between 0 and 1. */
  random(): number
}

export const systemTimer: Timer = {
  elapsedMs: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  after(ms, work) {
    const timer = setTimeout(work, ms) as { unref?: () => void }
    timer.unref?.()
  },
  random: () => Math.random(),
}
