import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel'
import type { Cluster, Redis } from 'ioredis'
import { connectMasters, isCluster, isConnected, type RedisClient, watchReady } from './nodes.js'
import { probeWrite } from './probe-write.js'
import { asAway, isOutage, isRedisAway, RedisAway } from './redis-away.js'
import { within } from './within.js'

/**
 * The state of the circuit breaker:
 * - `up`: calls are sent;
 * - `away`: calls fail at once, after recent failures;
 * - `probing`: one call is sent to find out whether Redis is back, others fail at once.
 */
export type RedisState = 'up' | 'away' | 'probing'

/** The result of a call. `answered`: Redis replied. `skipped`: nothing was sent. The others are those of `AwayReason`. */
export type CallOutcome = 'answered' | 'timeout' | 'connection' | 'refused' | 'skipped'

/** Callbacks for logs and metrics. They must not throw. */
export interface RedisHooks {
  /** After every change of the circuit breaker's state. */
  readonly onState?: (state: RedisState) => void
  /** After every call, with its duration in milliseconds. */
  readonly onCall?: (outcome: CallOutcome, ms: number) => void
  /** An error of the connection itself. The client reconnects in the background. */
  readonly onError?: (error: Error) => void
}

/** Options of `guardRedis`: time limits and the circuit breaker. */
export interface GuardOptions extends RedisHooks {
  /**
   * How long a call may take, in milliseconds.
   * @default 200
   */
  readonly callMs?: number
  /**
   * How many failures in a row open the circuit breaker.
   * @default 5
   */
  readonly failures?: number
  /**
   * How long the open breaker waits before it lets one call through, in milliseconds.
   * @default 500
   */
  readonly probeAfterMs?: number
}

/** A connection with a time limit for every call and a circuit breaker. A Redis that is away costs almost no time. */
export interface RedisConnection {
  /** The client; a `Cluster` for a cluster. Calls that bypass `guard` have only the client's own time limits. */
  readonly redis: Redis | Cluster
  /** The state of the circuit breaker. It changes only through calls. */
  readonly state: RedisState
  /**
   * Runs a call and resolves with its reply. Rejects with `RedisAway` within `callMs`; at once while the breaker is open.
   * A call that timed out may still be executed. Errors of other kinds, such as a TypeError, are passed on.
   */
  guard<T>(call: (redis: Redis | Cluster) => Promise<T>): Promise<T>
  /**
   * Checks with a script that writes whether Redis serves; in a cluster, whether every slot has a master that does.
   * Resolves with undefined if so. Never rejects.
   */
  trouble(): Promise<RedisAway | undefined>
  /** Resolves with true once there is a connection (in a cluster: to every master), with false after `withinMs` (0 by default). Never rejects. */
  ready(withinMs?: number): Promise<boolean>
  /** Closes the connection for good. Waits for pending calls, at most `callMs`. Never rejects. */
  close(): Promise<void>
}

const stateOf = (state: CircuitState): RedisState => {
  if (state === CircuitState.Closed) return 'up'
  return state === CircuitState.HalfOpen ? 'probing' : 'away'
}

const outcomeOf = (error: unknown): CallOutcome => {
  if (!isRedisAway(error)) return 'answered'
  return error.reason === 'open' || error.reason === 'closed' ? 'skipped' : error.reason
}

/**
 * Guards an existing client of ioredis. Create it with `redisSettings`, a cluster with `redisClusterSettings`: with other
 * settings commands may wait for a connection, or be sent twice.
 */
export const guardRedis = (redis: Redis | Cluster, options: GuardOptions = {}): RedisConnection => {
  const { callMs = 200, failures = 5, probeAfterMs = 500, onState, onCall, onError } = options
  const breaker = circuitBreaker(handleWhen(isOutage), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: probeAfterMs,
  })
  breaker.onStateChange((state) => onState?.(stateOf(state)))
  redis.on('error', (error: Error) => onError?.(error))
  if (isCluster(redis)) {
    redis.on('node error', (error: Error) => onError?.(error))
    connectMasters(redis)
  }
  let isClosed = false

  const attempt = async <T>(call: (redis: RedisClient) => Promise<T>): Promise<T> => {
    if (isClosed) throw new RedisAway('closed')
    // Otherwise cockatiel lets all other callers wait for the probe.
    if (breaker.state === CircuitState.HalfOpen) throw new RedisAway('open')
    const run = async () => {
      try {
        return await within(callMs, call(redis))
      } catch (error) {
        throw asAway(error)
      }
    }
    try {
      return await breaker.execute(run)
    } catch (error) {
      throw isBrokenCircuitError(error) ? new RedisAway('open') : error
    }
  }

  const guard: RedisConnection['guard'] = async (call) => {
    const began = performance.now()
    let outcome: CallOutcome = 'answered'
    try {
      return await attempt(call)
    } catch (error) {
      outcome = outcomeOf(error)
      throw error
    } finally {
      onCall?.(outcome, performance.now() - began)
    }
  }

  return {
    redis,
    get state() {
      return stateOf(breaker.state)
    },
    guard,
    async trouble() {
      try {
        await probeWrite({ redis, guard: (call) => guard(call) })
        return undefined
      } catch (error) {
        return isRedisAway(error) ? error : new RedisAway('refused', { cause: error })
      }
    },
    ready(withinMs = 0) {
      const isReady = () => isConnected(redis) && !isClosed
      if (isReady() || withinMs <= 0 || isClosed) return Promise.resolve(isReady())
      return new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer)
          unwatch()
          resolve(isReady())
        }
        const timer = setTimeout(finish, withinMs)
        const unwatch = watchReady(redis, () => {
          if (isReady()) finish()
        })
      })
    },
    async close() {
      isClosed = true
      if (redis.status === 'ready') await within(callMs, redis.quit()).catch(() => {})
      redis.disconnect()
    },
  }
}
