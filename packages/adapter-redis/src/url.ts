export {
  parseRedisUrl,
  type RedisHost,
  type RedisTarget,
  redisUrlRule,
  splitRedisUrls,
} from './connection/redis-url.js'
