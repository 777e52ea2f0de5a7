import { systemTimer } from '../shared/timer.js'

/** The longest delay of a JavaScript timer, in milliseconds (about 24.8 days). */
const longestTimerMs = 2 ** 31 - 1

/** A lease that was granted, and how to renew it. */
export interface GrantedLease {
  /** The name of the lock, for the error of a lost lease. */
  readonly name: string
  /** The length of the lease in milliseconds, as made by `toLeaseMs`. */
  readonly leaseMs: number
  /** For how long the holder may rely on one grant, in milliseconds. @default `leaseMs` */
  readonly safeMs?: number
  /** When the lease was asked for, by `systemTimer.elapsedMs()`. It cannot have begun earlier. */
  readonly askedAt: number
  /**
   * Renews the lease for another `leaseMs`. Resolves with false if this holder no longer has the lock.
   * Rejects if the outcome is unknown, for instance if the service is down.
   */
  renew(): Promise<boolean>
}

/** A lease that is being renewed. */
export interface KeptLease {
  /** Aborts when the lease is lost. */
  readonly signal: AbortSignal
  /** Stops renewing. Resolves once a renewal that is under way has ended. Never rejects. */
  stop(): Promise<void>
}

/** A requested lease in whole milliseconds, within the range of timers: 1 to 2,147,483,647. */
export const toLeaseMs = (requestedMs: number): number => Math.min(longestTimerMs, Math.max(1, Math.round(requestedMs)))

/**
 * Renews a lease every third of its length until stopped.
 * The lease is lost once a renewal reports it, or `safeMs` after the request of the last grant.
 * A failed renewal alone does not lose it. Only this process's steady clock counts.
 */
export const keepLease = ({ name, leaseMs, safeMs = leaseMs, askedAt, renew }: GrantedLease): KeptLease => {
  const lost = new AbortController()
  let isStopped = false
  let deadline: ReturnType<typeof setTimeout>
  let next: ReturnType<typeof setTimeout>
  let renewing: Promise<void> = Promise.resolve()

  const stop = () => {
    isStopped = true
    clearTimeout(deadline)
    clearTimeout(next)
  }
  const lose = (reason: string) => {
    stop()
    lost.abort(new Error(`the lock ${name} was lost: ${reason}`))
  }
  const startDeadline = (from: number) => {
    clearTimeout(deadline)
    deadline = setTimeout(() => lose('it could not be renewed in time'), from + safeMs - systemTimer.elapsedMs())
  }
  const scheduleRenewal = () => {
    next = setTimeout(() => {
      renewing = renewOnce()
    }, leaseMs / 3)
  }
  const renewOnce = async () => {
    const from = systemTimer.elapsedMs()
    const isHeld = await renew().catch(() => undefined)
    if (isStopped) return
    if (isHeld === false) return lose('another holder has it, or it was wiped')
    if (isHeld) startDeadline(from)
    scheduleRenewal()
  }
  startDeadline(askedAt)
  scheduleRenewal()
  return {
    signal: lost.signal,
    stop() {
      stop()
      return renewing
    },
  }
}
