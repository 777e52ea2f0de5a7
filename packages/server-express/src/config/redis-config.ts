import { ConfigError } from './config-error.js'
import { Secret } from './secret.js'
import type { Variables } from './variables.js'

export interface RedisConfig {
  /** At least one. Several name independent nodes: a cluster or a Sentinel group is alone. */
  readonly urls: readonly Secret[]
  readonly userLocks: boolean
}

const variableOf = { urls: 'REDIS_URL', userLocks: 'SHOP_USER_LOCKS' } as const

/**
 * Reads REDIS_URL. Undefined if it is not set.
 * @throws ConfigError for a malformed URL, for a cluster or a Sentinel group in a list, and for one with SHOP_USER_LOCKS
 */
export const redisConfigOf = async ({ REDIS_URL, SHOP_USER_LOCKS }: Variables): Promise<RedisConfig | undefined> => {
  if (!REDIS_URL) return undefined
  const [{ splitRedisUrls }, { redisUrlsFault }] = await Promise.all([
    import('@shop/adapter-redis'),
    import('../util/redis-urls.js'),
  ])
  const urls = splitRedisUrls(REDIS_URL.reveal())
  const fault = redisUrlsFault(urls, SHOP_USER_LOCKS)
  if (fault) throw new ConfigError([{ variable: variableOf[fault.option], reason: fault.reason }])
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
