import type { EventSender, OutboxEvent, Sent } from '@shop/core'
import { iso } from '@shop/core/commands'
import { eventStream } from '../keys.js'
import { callRedis, type RedisAccess } from '../lua-script.js'

/** Options of `redisStreamSender`. */
export interface RedisStreamOptions {
  /**
   * The key of the stream: at least one character.
   * @default 'shop:events'
   */
  readonly stream?: string | undefined
  /**
   * About how many of the newest entries Redis keeps, at least 1. Older ones are dropped, whether or not they were read.
   * @default 1,000,000
   */
  readonly maxLength?: number | undefined
}

const fieldsOf = (event: OutboxEvent): readonly string[] => [
  ...['id', event.eventId],
  ...['type', event.type],
  ...['subject', event.subjectId],
  ...['sequence', String(event.sequence)],
  ...['time', iso(event.at)],
  ...['data', JSON.stringify(event.data)],
  ...(event.traceparent === null ? [] : ['traceparent', event.traceparent]),
]

/**
 * Sends each event to a Redis stream (`XADD`), with the fields `id`, `type`, `subject`, `sequence`, `time`, `data` (JSON) and,
 * if the call had one, `traceparent`. An event counts as sent once Redis has replied. It arrives at least once: a retry adds
 * a second entry with the same `id`. The events of a subject are first added in sequence.
 *
 * Redis must keep what it acknowledges: `appendonly yes` with `appendfsync always`. A failover of a cluster or by Sentinels
 * loses what the new primary has not received.
 * @throws TypeError if the stream has no name
 * @throws RangeError if `maxLength` is not a whole number from 1 on
 *
 * @example
 * const connection = connectRedis('redis://localhost')
 * createServer({ dataPlatform: { sender: redisStreamSender(connection, { stream: 'orders' }) } })
 */
export const redisStreamSender = (
  access: RedisAccess,
  { stream = eventStream, maxLength = 1_000_000 }: RedisStreamOptions = {},
): EventSender => {
  if (typeof stream !== 'string' || stream === '') throw new TypeError('redisStreamSender: stream must be a name')
  if (!Number.isSafeInteger(maxLength) || maxLength < 1)
    throw new RangeError('redisStreamSender: maxLength must be a whole number from 1')
  return {
    async send(event: OutboxEvent): Promise<Sent> {
      await callRedis(access, (redis) => redis.xadd(stream, 'MAXLEN', '~', maxLength, '*', ...fieldsOf(event)))
      return { kind: 'sent' }
    },
  }
}
