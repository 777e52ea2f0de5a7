/** Every key of ours in Redis begins with it. */
export const keyPrefix = 'shop:'
export { connectRedis, type RedisConnectionOptions } from './connection/connect-redis.js'
export {
  type CallOutcome,
  type GuardOptions,
  guardRedis,
  type RedisConnection,
  type RedisHooks,
  type RedisState,
} from './connection/guard-redis.js'
export { type AwayReason, isRedisAway, RedisAway } from './connection/redis-away.js'
export { type RedisTimes, redisSettings } from './connection/settings.js'
