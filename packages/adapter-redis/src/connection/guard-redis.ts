import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel'
import type { Redis } from 'ioredis'
import { lifetimes, probeKey } from '../keys.js'
import { runScript } from '../script.js'
import { tryWrite } from '../scripts/try-write.js'
import { asAway, isOutage, isRedisAway, RedisAway } from './redis-away.js'
import { within } from './within.js'

/** `up`: asked. `away`: not asked, since it failed lately. `probing`: one caller asks whether it is back. */
export type RedisState = 'up' | 'away' | 'probing'

/** What became of a call: `skipped` was not sent, the rest is told by `AwayReason`. */
export type CallOutcome = 'answered' | 'timeout' | 'connection' | 'refused' | 'skipped'

/** For logs and metrics. They must not throw. */
export interface RedisHooks {
  readonly onState?: (state: RedisState) => void
  /** After every call, with the time it took. */
  readonly onCall?: (outcome: CallOutcome, ms: number) => void
  /** Trouble of the connection itself; it is mended in the background. */
  readonly onError?: (error: Error) => void
}

export interface GuardOptions extends RedisHooks {
  /** How long a call may take. */
  readonly callMs?: number
  /** So many failures in a row, and Redis is taken to be away. */
  readonly failures?: number
  /** For so long nobody asks a Redis that is away; then one caller does. */
  readonly probeAfterMs?: number
}

/** A Redis that may be away, and that costs next to nothing while it is. */
export interface RedisConnection {
  /** The client itself. What is not asked through `guard` may take as long as the client lets it. */
  readonly redis: Redis
  /** As of the last calls: without any it does not change. */
  readonly state: RedisState
  /**
   * Runs a call of Redis. Resolves with its answer; rejects with `RedisAway`, at once while Redis is known to be away,
   * else within `callMs`. Mistakes in the call come out as they are. What was given up may still be carried out.
   */
  guard<T>(call: (redis: Redis) => Promise<T>): Promise<T>
  /** What keeps Redis from serving, asked now with a script that writes; nothing where it serves. Never rejects. */
  trouble(): Promise<RedisAway | undefined>
  /** Whether there is a connection, now or within so many milliseconds. Never rejects. */
  ready(withinMs?: number): Promise<boolean>
  /** Closes the connection for good, after what is under way or at most the time of one call. Never rejects. */
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

/** Guards a client that exists. Give it the `redisSettings`: others may let commands wait, or send them twice. */
export const guardRedis = (redis: Redis, options: GuardOptions = {}): RedisConnection => {
  const { callMs = 200, failures = 5, probeAfterMs = 500, onState, onCall, onError } = options
  const breaker = circuitBreaker(handleWhen(isOutage), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: probeAfterMs,
  })
  breaker.onStateChange((state) => onState?.(stateOf(state)))
  redis.on('error', (error: Error) => onError?.(error))
  let isClosed = false

  const attempt = async <T>(call: (redis: Redis) => Promise<T>): Promise<T> => {
    if (isClosed) throw new RedisAway('closed')
    // The breaker would let everybody else wait for the one who probes.
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
        await runScript({ redis, guard: (call) => guard(call) }, tryWrite, [probeKey], [lifetimes.probeMs])
        return undefined
      } catch (error) {
        return isRedisAway(error) ? error : new RedisAway('refused', { cause: error })
      }
    },
    ready(withinMs = 0) {
      const isReady = () => redis.status === 'ready' && !isClosed
      if (isReady() || withinMs <= 0 || isClosed) return Promise.resolve(isReady())
      return new Promise((resolve) => {
        const tell = () => {
          clearTimeout(timer)
          redis.off('ready', tell)
          resolve(isReady())
        }
        const timer = setTimeout(tell, withinMs)
        redis.once('ready', tell)
      })
    },
    async close() {
      isClosed = true
      if (redis.status === 'ready') await within(callMs, redis.quit()).catch(() => {})
      redis.disconnect()
    },
  }
}
