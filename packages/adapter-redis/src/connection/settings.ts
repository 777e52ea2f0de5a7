import type { RedisOptions } from 'ioredis'

export interface RedisTimes {
  /** How long a command may take. */
  readonly commandMs?: number
  /** How long a new connection may take. */
  readonly connectMs?: number
  /** A connection that owes an answer and is silent for so long is given up. */
  readonly silenceMs?: number
}

const longestPauseMs = 1000

/** Tries again ever more slowly, and not in step with other servers. */
const pauseBefore = (attempt: number): number => Math.min(longestPauseMs, 20 * 2 ** attempt) * (0.5 + Math.random() / 2)

/**
 * ioredis, so that a dead Redis costs milliseconds: nothing waits for a connection, nothing is sent twice, and every command
 * has its time. (By itself ioredis keeps commands for as long as it tries to connect, and sends them again afterwards.)
 */
export const redisSettings = ({ commandMs = 200, connectMs = 1000, silenceMs = 1000 }: RedisTimes = {}) =>
  ({
    commandTimeout: commandMs,
    connectTimeout: connectMs,
    disconnectTimeout: commandMs,
    socketTimeout: silenceMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: pauseBefore,
    // After a failover the old connection may lead to a replica.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }) satisfies RedisOptions
