import type { RedisTarget } from '@shop/adapter-redis'
import { ConfigError } from './config-error.js'
import { Secret } from './secret.js'
import type { Variables } from './variables.js'

export interface RedisConfig {
  /** At least one. Several name independent nodes: a cluster or a Sentinel group is alone. */
  readonly urls: readonly Secret[]
  readonly userLocks: boolean
}

const failsOver = ({ kind }: RedisTarget): boolean => kind !== 'node'

/**
 * Reads REDIS_URL. Undefined if it is not set.
 * @throws ConfigError for a malformed URL, for a cluster or a Sentinel group in a list, and for one with SHOP_USER_LOCKS
 */
export const redisConfigOf = async ({ REDIS_URL, SHOP_USER_LOCKS }: Variables): Promise<RedisConfig | undefined> => {
  if (!REDIS_URL) return undefined
  const { parseRedisUrl, redisUrlRule, splitRedisUrls } = await import('@shop/adapter-redis')
  const urls = splitRedisUrls(REDIS_URL.reveal())
  const targets = urls.flatMap((url) => parseRedisUrl(url) ?? [])
  const refuse = (variable: string, reason: string) => new ConfigError([{ variable, reason }])
  if (targets.length < urls.length) {
    throw refuse('REDIS_URL', `must be ${redisUrlRule}, or several redis:// URLs separated by commas`)
  }
  if (targets.some(failsOver) && targets.length > 1) {
    throw refuse('REDIS_URL', 'must name a cluster or a Sentinel group alone: further URLs are nodes for locks')
  }
  if (targets.some(failsOver) && SHOP_USER_LOCKS) {
    const reason =
      'must be off with a cluster or a Sentinel group in REDIS_URL: it answers as one node, so it cannot be a majority, and a failover may forget a lock'
    throw refuse('SHOP_USER_LOCKS', reason)
  }
  return { urls: urls.map((url) => new Secret(url)), userLocks: SHOP_USER_LOCKS }
}

export const redisWarnings = (redis: RedisConfig | undefined, { SHOP_USER_LOCKS }: Variables): readonly string[] => {
  if (!redis) return SHOP_USER_LOCKS ? ['SHOP_USER_LOCKS has no effect because REDIS_URL is not set'] : []
  const nodes = redis.urls.length
  if (!redis.userLocks && nodes > 1) {
    return ['REDIS_URL has several nodes but SHOP_USER_LOCKS is off: only the first node is used']
  }
  return redis.userLocks && nodes % 2 === 0
    ? ['REDIS_URL has an even number of nodes: user locks ignore the last one']
    : []
}
