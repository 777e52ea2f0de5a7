export interface RetryOptions {
  /** Total time for all attempts. */
  readonly forMs: number
  /** Whether a retry may succeed. */
  readonly isTransient: (error: unknown) => boolean
  /** Called before the first wait, and then every ten seconds. */
  readonly onWait: (error: unknown) => void
}

const intervalMs = 250
const reportEveryMs = 10_000

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Retries the work until it succeeds, fails permanently, or time is up. */
export const retry = async <T>(work: () => Promise<T>, { forMs, isTransient, onWait }: RetryOptions): Promise<T> => {
  const deadline = performance.now() + forMs
  for (let reportedAt = Number.NEGATIVE_INFINITY; ; ) {
    try {
      return await work()
    } catch (error) {
      const now = performance.now()
      if (!isTransient(error) || now + intervalMs >= deadline) throw error
      if (now - reportedAt >= reportEveryMs) {
        reportedAt = now
        onWait(error)
      }
      await pause(intervalMs)
    }
  }
}
