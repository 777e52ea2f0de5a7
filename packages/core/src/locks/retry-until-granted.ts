import { systemTimer } from '../shared/timer.js'

/**
 * Asks for a lock until it is granted or `waitMs` have passed. Always asks at least once.
 * Pauses for a random time between half of `retryMs` and all of it, so that waiters do not retry in step.
 */
export const retryUntilGranted = async <Grant>(
  ask: () => Promise<Grant | undefined>,
  { waitMs, retryMs }: { readonly waitMs: number; readonly retryMs: number },
): Promise<Grant | undefined> => {
  const { elapsedMs, pause, random } = systemTimer
  const until = elapsedMs() + waitMs
  for (;;) {
    const granted = await ask()
    if (granted !== undefined) return granted
    const leftMs = until - elapsedMs()
    if (leftMs <= 0) return undefined
    await pause(Math.min(leftMs, retryMs * (0.5 + random() / 2)))
  }
}
