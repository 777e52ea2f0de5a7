/** Time for those who wait: how long somebody has waited, and a pause before trying again. */
export interface Timer {
  /** Milliseconds on a clock that never goes back. */
  elapsedMs(): number
  pause(ms: number): Promise<void>
  /** Between 0 and 1. */
  random(): number
}

export const systemTimer: Timer = {
  elapsedMs: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
}
