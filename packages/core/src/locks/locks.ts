/** A lock that is held. */
export interface Lease {
  /** Increases with every grant of this name. A writer with a smaller token than the last one seen has been replaced. */
  readonly token: number
  /** Aborted if the lock is lost before its release. */
  readonly signal: AbortSignal
}

/** How long a lock lasts, and how long to wait for it. */
export interface LockOptions {
  /** How long the lock outlasts a holder that has died, in milliseconds. A live holder renews it. */
  readonly leaseMs?: number
  /** How long to wait for it, in milliseconds; 0 asks once. */
  readonly waitMs?: number
}

/** The value of the work that ran under a lock, or `held: false` if the lock was not granted in time. */
export type Held<T> = { readonly held: true; readonly value: T } | { readonly held: false }

/**
 * Named locks across servers. They lower contention and elect a leader for scheduled jobs; correctness never depends on
 * them. A lock may be lost, or granted twice if clocks or networks fail. The fencing token detects that.
 */
export interface Locks {
  /**
   * Runs `work` under the lock. `held: false` if it was not granted within `waitMs`. The result or the error of `work`
   * reaches the caller; an error on release never replaces it. Rejects if the lock service is unavailable.
   */
  withLock<T>(name: string, work: (lease: Lease) => Promise<T>, options?: LockOptions): Promise<Held<T>>
}
