import { parseRedisUrl, redisUrlRule } from '@shop/adapter-redis'

export interface RedisUrlsFault {
  readonly option: 'urls' | 'userLocks'
  /** Never repeats a URL: it may hold a password. */
  readonly reason: string
}

/**
 * Why the server cannot use these URLs. Undefined if it can. A cluster or a Sentinel group must be alone, because further
 * URLs are nodes for locks, and cannot be used for the locks of users.
 */
export const redisUrlsFault = (urls: readonly string[], userLocks: boolean): RedisUrlsFault | undefined => {
  const targets = urls.flatMap((url) => parseRedisUrl(url) ?? [])
  const hasGroup = targets.some(({ kind }) => kind !== 'node')
  if (targets.length < urls.length) {
    return { option: 'urls', reason: `must be ${redisUrlRule}, or several redis:// URLs` }
  }
  if (hasGroup && urls.length > 1) {
    return { option: 'urls', reason: 'must name a cluster or a Sentinel group alone: further URLs are nodes for locks' }
  }
  if (!hasGroup || !userLocks) return undefined
  const reason =
    'must be off with a cluster or a Sentinel group: it answers as one node, so it cannot be a majority, and a failover ' +
    'may forget a lock'
  return { option: 'userLocks', reason }
}
