import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'

/** The server's clock less the browser's, in milliseconds. */
const ahead = signal<number | undefined>(undefined)

/** Samples that differ by more are of another clock: somebody has set the browser's. */
const toleranceMs = 5_000

/**
 * Learns the server's clock from a time that the server has just sent. A sample is behind by the time that it travelled, so
 * the fastest one counts. The page's clock is thus never ahead of the server's: a button that it enables is not too early.
 */
export const learnServerTime = (iso: string): void => {
  const sample = Date.parse(iso) - Date.now()
  if (Number.isNaN(sample)) return
  const known = ahead.peek()
  const isSameClock = known !== undefined && Math.abs(sample - known) < toleranceMs
  ahead.value = isSameClock ? Math.max(known, sample) : sample
}

/** The time by the server's clock, in milliseconds since 1970. */
export const serverNow = (): number => Date.now() + (ahead.peek() ?? 0)

/** The time until one of the instants is a whole number of seconds away. Between 1 and 1,000 ms. */
export const msToNextTick = (now: number, instants: readonly number[]): number =>
  Math.min(1_000, ...instants.map((instant) => (((instant - now) % 1_000) + 1_000) % 1_000 || 1_000))

/** The time by the server's clock. Renders again at each instant and at each whole second before it. */
export const useServerTime = (instants: readonly (number | undefined)[]): number => {
  const [, setTick] = useState(0)
  const offset = ahead.value
  useEffect(() => {
    const known = instants.filter((instant) => instant !== undefined)
    let timer: ReturnType<typeof setTimeout>
    const wait = () => {
      timer = setTimeout(tick, Math.ceil(msToNextTick(serverNow(), known)))
    }
    const tick = () => {
      setTick((count) => count + 1)
      wait()
    }
    wait()
    return () => clearTimeout(timer)
  }, [offset, ...instants])
  return serverNow()
}
