export { resumeReplication, stopReplication } from './replication.js'
export { command, type Reply } from './resp.js'
export {
  eventually,
  type RedisCluster,
  type RedisClusterOptions,
  type SlotMove,
  startCluster,
} from './start-cluster.js'
export { type NetworkProxy, startProxy } from './start-proxy.js'
export { type RedisServer, type RedisServerOptions, startRedis } from './start-redis.js'
export { type SentinelGroup, type SentinelGroupOptions, startSentinels } from './start-sentinels.js'
