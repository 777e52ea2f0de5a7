import { setTimeout } from 'node:timers/promises'

/**
 * What a shop turns on once all its servers are new. Sentinel names the Redis. Requests wait for a new primary, so a
 * planned switchover fails none. Each order makes two events, which must arrive in sequence.
 */
export const newSettings = (redis) => ({
  REDIS_URL: redis.url,
  SHOP_DATABASE_WAIT_MS: '8000',
  SHOP_POLICIES: JSON.stringify({
    events: ['order.placed', 'order.paid', 'order.failed', 'order.cancelled', 'order.expired', 'order.refunded'],
  }),
})

/**
 * The servers run the release before. The first new one migrates, and sells beside the old ones. Once all are new, a
 * second round turns on what only the new release knows.
 */
export const upgrade = async ({ shop, redis, releaseBefore }) => {
  for (const server of shop.servers) {
    await server.stop()
    await server.start({ env: {} })
    await setTimeout(5_000)
  }
  for (const server of shop.servers) {
    await server.stop()
    await server.start({ env: newSettings(redis) })
    await setTimeout(1_500)
  }
  return { note: `the first new server ran ${releaseBefore.migration} beside two old ones` }
}
