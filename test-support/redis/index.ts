export { type NetworkProxy, startProxy } from './start-proxy.js'
export { type RedisServer, type RedisServerOptions, startRedis } from './start-redis.js'
