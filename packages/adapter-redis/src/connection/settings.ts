import type { RedisOptions } from 'ioredis'

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
const backoffDelay = (attempt: number): number => Math.min(maxBackoffMs, 20 * 2 ** attempt) * (0.5 + Math.random() / 2)

/**
 * Settings of ioredis with which a dead Redis costs little. Commands fail at once without a connection, are never sent
 * twice, and time out. By default ioredis queues commands until it is connected, and sends unanswered ones again.
 */
export const redisSettings = ({ connectMs = 1000, silenceMs = 1000 }: RedisTimes = {}) =>
  ({
    commandTimeout: silenceMs,
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
    disconnectTimeout: 100,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt: number) => backoffDelay(attempt),
    // After a failover the address may lead to another node.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }) satisfies RedisOptions
