import type { Lock } from 'redlock'
import { ballotOf } from './ballot.js'
import { quorumOf } from './quorum.js'

/** How long a holder may rely on a lease: less by Redlock's allowance for clocks that run at different speeds. */
export const safeMsOf = (leaseMs: number): number => leaseMs - Math.round(leaseMs * 0.01) - 2

export interface RenewableLock {
  /** As `GrantedLease.renew` of core. */
  renew(): Promise<boolean>
  /** Releases the lock on every node that it reaches. Never rejects: what is left expires. */
  release(): Promise<void>
}

/**
 * Renews a lock of redlock on a majority of the nodes. Resolves with false if too few nodes for a majority still have it.
 * redlock's own automatic extension retries without a pause, and relies on the wall clock.
 */
export const renewableLock = (granted: Lock, leaseMs: number): RenewableLock => {
  let lock = granted
  return {
    async renew() {
      try {
        // redlock would check the wall clock; the caller's deadline decides instead.
        lock.expiration = Number.MAX_SAFE_INTEGER
        lock = await lock.extend(leaseMs)
        return true
      } catch (error) {
        const ballot = await ballotOf(error)
        if (ballot && ballot.nodes - ballot.taken < quorumOf(ballot.nodes)) return false
        throw error
      }
    },
    release: () =>
      lock.release().then(
        () => {},
        () => {},
      ),
  }
}
