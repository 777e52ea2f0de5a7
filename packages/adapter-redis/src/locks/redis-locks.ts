import type { Held, Lease, LockOptions, Locks } from '@shop/core'
import Redlock from 'redlock'
import type { RedisConnection } from '../connection/guard-redis.js'
import { RedisAway } from '../connection/redis-away.js'
import { lockKeys } from '../keys.js'
import { ballotOf, voter } from './ballot.js'
import { fencingTokens, type TokenFloor } from './fencing-tokens.js'
import { heldUntil, holdLock } from './hold-lock.js'
import { quorumOf, tellingOf } from './quorum.js'

export interface RedisLocksOptions {
  /** What all keys begin with. Shops of different databases need different ones. */
  readonly prefix?: string
  /**
   * The least number that the next fencing token must reach, asked for with every grant: for instance the greatest one that
   * the database has seen. With it tokens grow even if most nodes lose their data and their clocks are set back.
   */
  readonly floor?: TokenFloor
}

export interface RedisLocks extends Locks {
  /**
   * As `withLock`, for several names at once: all of them or none, in one step. Their order does not matter, nor does a name
   * that stands there twice. The token is greater than the last one of each name.
   */
  withLocks<T>(names: readonly string[], work: (lease: Lease) => Promise<T>, options?: LockOptions): Promise<Held<T>>
}

const defaultLeaseMs = 10_000

/** The longest time that a timer of Node can wait. */
const longestLeaseMs = 2 ** 31 - 1

/** How often a lock that is taken is asked for again: by chance between half of this and all of it, so that waiters do not march in step. */
const askAgainMs = 40

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Locks by Redlock over one Redis, or over an odd number of independent ones: then a minority of them may fail. Rejects with
 * `RedisAway`, in the time of two calls at most, where a majority is away; a caller whose lock only lowers contention goes on without.
 */
export const redisLocks = (nodes: readonly RedisConnection[], options: RedisLocksOptions = {}): RedisLocks => {
  const { prefix = 'shop', floor } = options
  // With an even number redlock waits for ever when half of the votes are for and half against.
  if (nodes.length % 2 === 0) throw new RangeError(`locks need an odd number of Redis nodes, not ${nodes.length}`)
  const keys = lockKeys(prefix)
  const redlock = new Redlock(nodes.map(voter), { retryCount: 0 })
  const nextToken = fencingTokens(nodes, prefix, floor)

  /** Asks once. Redlock's own tries would count the lease from the first of them. */
  const ask = async (names: readonly string[], leaseMs: number) => {
    const until = heldUntil(performance.now(), leaseMs)
    const lock = await redlock.acquire(names.map(keys.held), leaseMs).catch(async (error: unknown) => {
      const ballot = await ballotOf(error)
      if (!ballot) throw error
      if (ballot.nodes - ballot.away.length < quorumOf(ballot.nodes)) throw tellingOf(ballot.away)
    })
    if (!lock) return undefined
    const stillHeld = () => {
      if (performance.now() >= until) throw new RedisAway('timeout', { cause: new Error('it was granted too late') })
    }
    try {
      stillHeld()
      const token = await nextToken(names)
      stillHeld()
      if (token !== undefined) return { token, grant: { name: names.join(', '), lock, leaseMs, until } }
    } catch (error) {
      await lock.release().catch(() => {})
      throw error
    }
    await lock.release().catch(() => {})
    return undefined
  }

  const take = async (names: readonly string[], leaseMs: number, waitMs: number) => {
    const waitUntil = performance.now() + waitMs
    for (;;) {
      const granted = await ask(names, leaseMs)
      if (granted) return granted
      const left = waitUntil - performance.now()
      if (left <= 0) return undefined
      await pause(Math.min(left, askAgainMs * (0.5 + Math.random() / 2)))
    }
  }

  const withLocks: RedisLocks['withLocks'] = async (names, work, { leaseMs = defaultLeaseMs, waitMs = 0 } = {}) => {
    const sorted = [...new Set(names)].sort()
    if (sorted.length === 0) throw new RangeError('name at least one lock')
    const granted = await take(sorted, Math.min(longestLeaseMs, Math.max(1, Math.round(leaseMs))), waitMs)
    if (!granted) return { held: false }
    const { signal, giveBack } = holdLock(granted.grant)
    try {
      return { held: true, value: await work({ token: granted.token, signal }) }
    } finally {
      await giveBack()
    }
  }

  return { withLocks, withLock: (name, work, lockOptions) => withLocks([name], work, lockOptions) }
}
