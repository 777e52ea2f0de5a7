import { setTimeout as pause } from 'node:timers/promises'

export interface Patience {
  readonly forMs: number
  /** Might it work in a moment? */
  readonly isPassing: (error: unknown) => boolean
  /** Told once, before the first wait. */
  readonly onWait: (error: unknown) => void
}

const everyMs = 250

/** Does the work until it succeeds, or fails for a reason that does not pass, or time is up. */
export const tryAgain = async <T>(work: () => Promise<T>, { forMs, isPassing, onWait }: Patience): Promise<T> => {
  const until = performance.now() + forMs
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || performance.now() + everyMs >= until) throw error
      if (tries === 0) onWait(error)
      await pause(everyMs)
    }
  }
}
