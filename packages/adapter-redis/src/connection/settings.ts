import type { ClusterOptions, RedisOptions } from 'ioredis'

/** Limits of a connection, in milliseconds. */
export interface RedisTimes {
  /**
   * How long connecting may take.
   * @default 1000
   */
  readonly connectMs?: number
  /**
   * How long a connection may be silent while it owes a reply. It is then closed, and its pending calls fail.
   * @default 1000
   */
  readonly silenceMs?: number
}

const maxBackoffMs = 1000

/** Exponential backoff with jitter, so that servers do not reconnect in step. */
export const backoffDelay = (attempt: number): number =>
  Math.min(maxBackoffMs, 20 * 2 ** attempt) * (0.5 + Math.random() / 2)

const connectionSettings = ({ connectMs = 1000, silenceMs = 1000 }: RedisTimes) =>
  ({
    commandTimeout: silenceMs,
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
    disconnectTimeout: 100,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }) satisfies RedisOptions

/**
 * Settings of ioredis with which a dead Redis costs little. Commands fail at once without a connection, are never sent
 * twice, and time out. By default ioredis queues commands until it is connected, and sends unanswered ones again.
 */
export const redisSettings = (times: RedisTimes = {}) =>
  ({
    ...connectionSettings(times),
    enableOfflineQueue: false,
    retryStrategy: (attempt: number) => backoffDelay(attempt),
    // After a failover the address may lead to another node.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }) satisfies RedisOptions

/**
 * Settings of ioredis for a Redis Cluster, with the promises of `redisSettings`. A command goes to another node only after a
 * node has refused to execute it (MOVED, ASK, TRYAGAIN), at most four times. By default ioredis also sends a command again
 * if its connection broke, although it may have been executed.
 */
export const redisClusterSettings = (times: RedisTimes = {}) =>
  ({
    redisOptions: connectionSettings(times),
    enableOfflineQueue: false,
    clusterRetryStrategy: (attempt: number) => backoffDelay(attempt),
    maxRedirections: 4,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 10,
    slotsRefreshTimeout: times.connectMs ?? 1000,
    // Connections keep the names of the hosts: TLS compares them, and they may lead elsewhere later.
    dnsLookup: (host, callback) => callback(null, host),
  }) satisfies ClusterOptions
