import { setMaxListeners } from 'node:events'
import type { EventSender, OutboxEvent, Sent } from '@shop/core'
import { Webhook } from 'standardwebhooks'
import { cloudEvent, cloudEventMediaType } from './cloud-event.js'
import { failureReason } from './failure-reason.js'
import { retryAfterMs } from './retry-after.js'
import { defaultTimeoutMs } from './timeout.js'

export interface DataPlatform {
  /** Where every event goes: http or https. */
  readonly url: string
  /** `whsec_` and base64: signs every event, as Standard Webhooks has it. */
  readonly secret: string
  /** How long an answer may take; shorter than the relay's lease. */
  readonly timeoutMs?: number | undefined
  /** The `source` of every event. */
  readonly source?: string | undefined
}

const drainMs = 1_000
const drainBytes = 65_536

/** Reads a short answer to its end, so that its connection can serve again; a long or a slow one is cut. */
const drain = async (body: ReadableStream<Uint8Array> | null): Promise<void> => {
  if (!body) return
  const reader = body.getReader()
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), drainMs)
  try {
    for (let read = 0; read <= drainBytes; ) {
      const { done, value } = await reader.read()
      if (done) return
      read += value.byteLength
    }
    await reader.cancel()
  } catch {
    // The status has said everything; what is wrong with the rest of the answer does not matter.
  } finally {
    clearTimeout(timer)
  }
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
  // One listener for each event under way, removed with its answer: many are no leak.
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

const sentOf = (response: Response): Sent => {
  const { status, headers, ok } = response
  if (ok) return { kind: 'sent' }
  const error = `answered ${status}`
  if (status === 410) return { kind: 'refused', error }
  if (status !== 429 && status !== 503) return { kind: 'failed', error }
  return { kind: 'failed', error, retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.now()) }
}

/**
 * Sends each event by POST as a CloudEvent, signed as a Standard Webhook. The status alone decides: 2xx acknowledges,
 * 410 wants it never, everything else, redirections included, is to be tried again.
 */
export const httpSender = ({
  url,
  secret,
  timeoutMs = defaultTimeoutMs,
  source = 'urn:shop',
}: DataPlatform): EventSender => {
  if (!/^https?:$/.test(new URL(url).protocol))
    throw new TypeError('the URL of the data platform must be http or https')
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
      }
      try {
        const response = await withTimeout(timeoutMs, signal, (either) =>
          fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: either }),
        )
        void drain(response.body)
        return sentOf(response)
      } catch (error) {
        return { kind: 'failed', error: failureReason(error) }
      }
    },
  }
}
