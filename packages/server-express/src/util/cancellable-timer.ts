/** Clock and timers, replaceable in tests. */
export interface CancellableTimer {
  /** Milliseconds on a clock that never goes back. */
  now(): number
  /** Runs the work once, after this many milliseconds, without keeping the process alive. The result cancels it. */
  after(ms: number, work: () => void): () => void
}

/** The timer of this process. */
export const cancellableTimer: CancellableTimer = {
  now: () => performance.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms).unref()
    return () => clearTimeout(timer)
  },
}
