import {
  type Held,
  keepLease,
  type Lease,
  type LockOptions,
  type Locks,
  retryUntilGranted,
  systemTimer,
  toLeaseMs,
} from '@shop/core/store'
import Redlock from 'redlock'
import type { RedisConnection } from '../connection/guard-redis.js'
import { canFailOver } from '../connection/nodes.js'
import { RedisAway } from '../connection/redis-away.js'
import { lockKeys } from '../keys.js'
import { ballotOf, voter } from './ballot.js'
import { fencingTokens, type TokenFloor } from './fencing-tokens.js'
import { quorumOf, tellingOf } from './quorum.js'
import { renewableLock, safeMsOf } from './renew-lock.js'

/** Options of `redisLocks`. */
export interface RedisLocksOptions {
  /**
   * The first characters of every key. Shops of different databases need different prefixes.
   * @default 'shop'
   */
  readonly prefix?: string
  /**
   * The least number that the next fencing token must reach, asked for with every grant: for instance the greatest token
   * in the database. With it tokens grow even if most nodes lose their data and their clocks are set back.
   * @default No floor.
   */
  readonly floor?: TokenFloor
}

/** Locks in Redis, one name or several at a time. */
export interface RedisLocks extends Locks {
  /**
   * As `withLock`, for several names: takes all of them or none, in one step. Order and duplicates do not matter.
   * The token is greater than the last one of each name. Rejects with a RangeError without names.
   */
  withLocks<T>(names: readonly string[], work: (lease: Lease) => Promise<T>, options?: LockOptions): Promise<Held<T>>
}

const defaultLeaseMs = 10_000

/** How often a waiting caller asks for the lock. */
const retryMs = 40

/**
 * Creates locks with Redlock over one Redis, or over an odd number of independent ones, of which a minority may fail.
 * The default lease is 10 seconds, the longest 2^31 − 1 ms.
 * @throws RangeError for an even number of nodes
 * @throws RangeError for a cluster or a Sentinel group, alone or among others: it answers as one node, and a failover may
 *   forget a lock and the last fencing token, because replication is asynchronous
 *
 * `withLock` rejects with `RedisAway` if a majority is away, after the time of two calls at most. A caller that uses a
 * lock only to lower contention goes on without it.
 */
export const redisLocks = (nodes: readonly RedisConnection[], options: RedisLocksOptions = {}): RedisLocks => {
  const { prefix = 'shop', floor } = options
  // With an even number redlock waits forever if half of the nodes vote for and half against.
  if (nodes.length % 2 === 0) throw new RangeError(`locks need an odd number of Redis nodes, not ${nodes.length}`)
  if (nodes.some(({ redis }) => canFailOver(redis))) {
    throw new RangeError(
      'locks need independent Redis nodes: a cluster or a Sentinel group answers as one node, so it cannot be a majority, ' +
        'and a failover may forget a lock',
    )
  }
  const keys = lockKeys(prefix)
  const redlock = new Redlock(nodes.map(voter), { retryCount: 0 })
  const nextToken = fencingTokens(nodes, prefix, floor)

  /** Asks once. redlock's own retries would count the lease from the first of them. */
  const ask = async (names: readonly string[], leaseMs: number) => {
    const askedAt = systemTimer.elapsedMs()
    const lock = await redlock.acquire(names.map(keys.held), leaseMs).catch(async (error: unknown) => {
      const ballot = await ballotOf(error)
      if (!ballot) throw error
      if (ballot.nodes - ballot.away.length < quorumOf(ballot.nodes)) throw tellingOf(ballot.away)
    })
    if (!lock) return undefined
    const { renew, release } = renewableLock(lock, leaseMs)
    const requireTimeLeft = () => {
      if (systemTimer.elapsedMs() >= askedAt + safeMsOf(leaseMs)) {
        throw new RedisAway('timeout', { cause: new Error('it was granted too late') })
      }
    }
    try {
      requireTimeLeft()
      const token = await nextToken(names)
      requireTimeLeft()
      if (token !== undefined) return { token, askedAt, renew, release }
    } catch (error) {
      await release()
      throw error
    }
    await release()
    return undefined
  }

  const withLocks: RedisLocks['withLocks'] = async (names, work, options = {}) => {
    const sorted = [...new Set(names)].sort()
    if (sorted.length === 0) throw new RangeError('withLocks needs at least one name')
    const leaseMs = toLeaseMs(options.leaseMs ?? defaultLeaseMs)
    const granted = await retryUntilGranted(() => ask(sorted, leaseMs), { waitMs: options.waitMs ?? 0, retryMs })
    if (!granted) return { held: false }
    const { token, askedAt, renew, release } = granted
    const lease = keepLease({ name: sorted.join(', '), leaseMs, safeMs: safeMsOf(leaseMs), askedAt, renew })
    try {
      return { held: true, value: await work({ token, signal: lease.signal }) }
    } finally {
      await Promise.all([lease.stop(), release()])
    }
  }

  return { withLocks, withLock: (name, work, lockOptions) => withLocks([name], work, lockOptions) }
}
