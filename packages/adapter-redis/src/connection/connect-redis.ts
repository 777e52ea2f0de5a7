import { type GuardOptions, guardRedis, type RedisConnection } from './guard-redis.js'
import { openClient } from './open-client.js'
import type { RedisTimes } from './settings.js'

/** Options of `connectRedis`. */
export interface RedisConnectionOptions extends GuardOptions, RedisTimes {
  /**
   * The name of the client in `CLIENT LIST`.
   * @default No name.
   */
  readonly name?: string
}

/**
 * Connects to Redis in the background, and reconnects whenever the connection breaks. Returns at once, and never throws
 * because Redis is unreachable. Wait for `ready(ms)` if the first calls need a connection.
 *
 * Takes the URLs of `parseRedisUrl`: of one Redis, of a cluster, or of Sentinels.
 * @throws TypeError if the URL of a cluster or of Sentinels is malformed
 *
 * @example
 * connectRedis('redis://localhost:6379')
 * connectRedis('redis-cluster://one:7000,two:7000,three:7000')
 * connectRedis('redis-sentinel://one,two,three/shop')
 */
export const connectRedis = (url: string, options: RedisConnectionOptions = {}): RedisConnection =>
  guardRedis(openClient(url, options), options)
