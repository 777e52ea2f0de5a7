import { createHash } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'

/** How to reach Redis. A call that rejects or times out means that Redis is away: the database then decides alone. */
export interface RedisAccess {
  /** The client. Use `redisSettings` or `redisClusterSettings`: with other settings commands may wait for a connection, or be sent twice. */
  readonly redis: Redis | Cluster
  /**
   * Wraps every call, for instance with a circuit breaker. It may reject without calling.
   * @default Calls directly. `connectRedis` and `guardRedis` return a guard.
   */
  readonly guard?: (<T>(call: () => Promise<T>) => Promise<T>) | undefined
}

/** A Lua script: one atomic step in Redis. */
export interface LuaScript {
  readonly text: string
  readonly sha: string
}

export const luaScript = (text: string): LuaScript => ({ text, sha: createHash('sha1').update(text).digest('hex') })

/** Runs one call of Redis through the guard. */
export const callRedis = <T>(
  { redis, guard }: RedisAccess,
  call: (redis: Redis | Cluster) => Promise<T>,
): Promise<T> => (guard ? guard(() => call(redis)) : call(redis))

const isUnknownScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT')

/** Runs a script by its hash; sends its text only if Redis does not know it. All keys must be in one cluster slot. */
export const runScript = (
  access: RedisAccess,
  { text, sha }: LuaScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> =>
  callRedis(access, async (redis) => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return redis.eval(text, keys.length, ...keys, ...args)
    }
  })

/** Deletes keys of one cluster slot. */
export const deleteKeys = async (access: RedisAccess, keys: readonly string[]): Promise<void> => {
  await callRedis(access, (redis) => redis.del(...keys))
}
