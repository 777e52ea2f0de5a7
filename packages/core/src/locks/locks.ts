/** A lock that is held. */
export interface Lease {
  /** Grows with every grant of this name: who writes with a smaller token than one already seen has been replaced. */
  readonly token: number
  /** Aborted when the lock is lost before it is given back. */
  readonly signal: AbortSignal
}

/** How long a lock lives, and how long to wait for it. */
export interface LockOptions {
  /** How long the lock outlives a holder that has died. A live holder extends it. */
  readonly leaseMs?: number
  /** How long to wait for it; 0 asks once. */
  readonly waitMs?: number
}

/** The value of the work that ran under a lock, or `held: false` if the lock was not granted in time. */
export type Held<T> = { readonly held: true; readonly value: T } | { readonly held: false }

/**
 * Named locks across servers. They lower contention and elect who runs a scheduled job; nothing that must be right
 * depends on one. While `work` runs nobody else should hold the name – but a lock may be lost, or granted twice when
 * clocks and networks misbehave: the token tells.
 */
export interface Locks {
  /**
   * Runs `work` under the lock. `held: false` where it was not to be had within `waitMs`. What `work` returns or throws
   * is what comes out: trouble with giving the lock back never replaces it. Rejects where the lock service is away.
   */
  withLock<T>(name: string, work: (lease: Lease) => Promise<T>, options?: LockOptions): Promise<Held<T>>
}
