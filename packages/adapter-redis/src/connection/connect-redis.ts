import { Redis } from 'ioredis'
import { type GuardOptions, guardRedis, type RedisConnection } from './guard-redis.js'
import { type RedisTimes, redisSettings } from './settings.js'

export interface RedisConnectionOptions extends GuardOptions, RedisTimes {
  /** Shows in `CLIENT LIST`. */
  readonly name?: string
}

/**
 * Connects in the background and stays connected, or tries to; returns at once, whether or not there is a Redis.
 * Wait for `ready(ms)` where the first calls should find one.
 */
export const connectRedis = (url: string, options: RedisConnectionOptions = {}): RedisConnection => {
  const name = options.name === undefined ? {} : { connectionName: options.name }
  return guardRedis(new Redis(url, { ...redisSettings(options), ...name }), options)
}
