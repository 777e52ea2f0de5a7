import { createHash } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'

/** A Lua script: one atomic step in Redis. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export const scriptOf = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') })

/** A way to Redis. What it rejects with, or takes too long for, counts as Redis being away: the database answers then. */
export interface RedisAccess {
  readonly redis: Redis | Cluster
  /** Wrapped around every call: a circuit breaker, say. It may reject at once. */
  readonly guard?: (<T>(call: () => Promise<T>) => Promise<T>) | undefined
}

const isUnknown = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT')

/** Runs a script, by its hash where Redis knows it already. All keys of one call stand in one slot of a cluster. */
export const runScript = async (
  { redis, guard = (call) => call() }: RedisAccess,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> =>
  guard(async () => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!isUnknown(error)) throw error
      return redis.eval(text, keys.length, ...keys, ...args)
    }
  })
