import type { RedisOptions } from 'ioredis'

export interface RedisTimes {
  /** How long a new connection may take. */
  readonly connectMs?: number
  /** A connection that owes an answer and is silent for so long is given up, with all that waits for it. */
  readonly silenceMs?: number
}

const longestPauseMs = 1000

/** Tries again ever more slowly, and not in step with other servers. */
const pauseBefore = (attempt: number): number => Math.min(longestPauseMs, 20 * 2 ** attempt) * (0.5 + Math.random() / 2)

/**
 * ioredis, so that a dead Redis costs little: nothing waits for a connection, nothing is sent twice, and silence ends. (By itself
 * ioredis keeps commands for as long as it tries to connect, and sends them again afterwards.)
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
    retryStrategy: pauseBefore,
    // After a failover the old connection may lead to a replica.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }) satisfies RedisOptions
