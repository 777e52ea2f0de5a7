export interface RetryOptions {
  readonly forMs: number
  /** Might it work in a moment? */
  readonly isTransient: (error: unknown) => boolean
  /** Told before the first wait, and then every ten seconds. */
  readonly onWait: (error: unknown) => void
}

const everyMs = 250
const tellEveryMs = 10_000

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Does the work until it succeeds, or fails for a reason that does not pass, or time is up. */
export const retry = async <T>(work: () => Promise<T>, { forMs, isTransient, onWait }: RetryOptions): Promise<T> => {
  const until = performance.now() + forMs
  for (let told = Number.NEGATIVE_INFINITY; ; ) {
    try {
      return await work()
    } catch (error) {
      const now = performance.now()
      if (!isTransient(error) || now + everyMs >= until) throw error
      if (now - told >= tellEveryMs) {
        told = now
        onWait(error)
      }
      await pause(everyMs)
    }
  }
}
