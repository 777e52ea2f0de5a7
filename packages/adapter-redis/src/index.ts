export {
  type CacheFinding,
  type PagedProducts,
  type ProductCache,
  type ProductCacheOptions,
  productCache,
} from './catalog/product-cache.js'
export { connectRedis, type RedisConnectionOptions } from './connection/connect-redis.js'
export {
  type CallOutcome,
  type GuardOptions,
  guardRedis,
  type RedisConnection,
  type RedisHooks,
  type RedisState,
} from './connection/guard-redis.js'
export { type AwayReason, isRedisAway, RedisAway, refusalOf } from './connection/redis-away.js'
export {
  parseRedisUrl,
  type RedisHost,
  type RedisTarget,
  redisUrlRule,
  splitRedisUrls,
} from './connection/redis-url.js'
export { type RedisTimes, redisClusterSettings, redisSettings } from './connection/settings.js'
export type { DatabaseIdentity } from './database-clock.js'
export { type RedisStreamOptions, redisStreamSender } from './events/stream-sender.js'
export { type CouponGate, couponGate } from './gate/coupon-gate.js'
export type { GateOperations } from './gate/gate-middleware.js'
export {
  type CouponState,
  defaultGateSettings,
  type GateObserver,
  type GateOptions,
  type GateSettings,
  type GateVerdict,
} from './gate/gate-options.js'
export { keyPrefix, type PageOfProducts, rateLimitPrefix } from './keys.js'
export type { TokenFloor } from './locks/fencing-tokens.js'
export { type RedisLocks, type RedisLocksOptions, redisLocks } from './locks/redis-locks.js'
export { type UserLockResult, type UserLocksOptions, userLocks } from './locks/user-locks.js'
export type { RedisAccess } from './lua-script.js'
export type { Sums } from './ranking/day-sums.js'
export { type PopularProducts, type PopularProductsOptions, popularProducts } from './ranking/popular-products.js'
