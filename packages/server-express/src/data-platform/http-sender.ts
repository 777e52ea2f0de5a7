import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { EventSender, OutboxEvent, Sent } from '@shop/core'
import { Webhook } from 'standardwebhooks'
import { maskSecrets } from '../util/mask-secrets.js'
import { sendRequest } from '../util/send-request.js'
import { cloudEvent, cloudEventMediaType } from './cloud-event.js'
import { failureReason } from './failure-reason.js'
import { retryAfterMs } from './retry-after.js'
import { defaultTimeoutMs } from './timeout.js'

export interface DataPlatform {
  /** Receives every event by POST: http or https. */
  readonly url: string
  /** `whsec_` followed by base64. Signs every event, as in Standard Webhooks. */
  readonly secret: string
  /** Time limit for a response. Must be shorter than the relay's lease. @default 15_000 */
  readonly timeoutMs?: number | undefined
  /** The CloudEvents `source` of every event. @default 'urn:shop' */
  readonly source?: string | undefined
}

const drainMs = 1_000
const drainBytes = 65_536

/** Reads a short response to its end, so that the connection can be reused. Aborts long and slow ones. */
const drain = (response: IncomingMessage): void => {
  let left = drainBytes
  const timer = setTimeout(() => response.destroy(), drainMs)
  response.on('close', () => clearTimeout(timer))
  response.on('data', ({ length }: Buffer) => {
    left -= length
    if (left < 0) response.destroy()
  })
}

/** Calls `work` with a signal that is aborted with `signal`, or after `ms`. */
const withTimeout = async <T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const either = new AbortController()
  const stop = () => either.abort(new Error('this server is stopping'))
  const timer = setTimeout(() => either.abort(new Error(`no answer within ${ms} ms`)), ms)
  // One listener per delivery in flight, removed at its end: many listeners are not a leak.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await work(either.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

const sentOf = ({ statusCode = 0, headers }: IncomingMessage): Sent => {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'sent' }
  const error = `responded ${statusCode}`
  if (statusCode === 410) return { kind: 'refused', error }
  if (statusCode !== 429 && statusCode !== 503) return { kind: 'failed', error }
  return { kind: 'failed', error, retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()) }
}

/**
 * Sends each event by POST as a CloudEvent, signed as a Standard Webhook. Only the status decides: 2xx
 * acknowledges the event and 410 refuses it for good. Any other status, redirects included, is retried. The
 * response body is ignored.
 */
export const httpSender = ({
  url,
  secret,
  timeoutMs = defaultTimeoutMs,
  source = 'urn:shop',
}: DataPlatform): EventSender => {
  const target = new URL(url)
  if (!/^https?:$/.test(target.protocol)) throw new TypeError('the URL of the data platform must be http or https')
  const webhook = new Webhook(secret)
  return {
    async send(event: OutboxEvent, signal: AbortSignal): Promise<Sent> {
      const body = cloudEvent(event, source)
      const at = new Date()
      const headers = {
        'content-type': cloudEventMediaType,
        'user-agent': 'shop-server',
        'webhook-id': event.eventId,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': webhook.sign(event.eventId, at, body),
        ...(event.traceparent && { traceparent: event.traceparent }),
      }
      try {
        const response = await withTimeout(timeoutMs, signal, (either) =>
          sendRequest(target, { method: 'POST', headers, body, signal: either }),
        )
        drain(response)
        return sentOf(response)
      } catch (error) {
        return { kind: 'failed', error: maskSecrets(failureReason(error)) }
      }
    },
  }
}
