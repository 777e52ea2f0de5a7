import { Redis } from 'ioredis'
import { type GuardOptions, guardRedis, type RedisConnection } from './guard-redis.js'
import { type RedisTimes, redisSettings } from './settings.js'

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
 */
export const connectRedis = (url: string, options: RedisConnectionOptions = {}): RedisConnection => {
  const name = options.name === undefined ? {} : { connectionName: options.name }
  return guardRedis(new Redis(url, { ...redisSettings(options), ...name }), options)
}
