import type { OutboxEvent } from '../model/event.js'

/** How an attempt to send came out. A sender that throws counts as `failed`. */
export type Sent =
  | { readonly kind: 'sent' }
  /** Try again: not before `retryAfterMs`, where the receiver said so. */
  | { readonly kind: 'failed'; readonly error: string; readonly retryAfterMs?: number | undefined }
  /** The receiver wants it never. */
  | { readonly kind: 'refused'; readonly error: string }

/** Delivers events to a data platform. Must give up by itself within the relay's lease; `signal` aborts it earlier. */
export interface EventSender {
  /** Sends one event and tells how it went. */
  send(event: OutboxEvent, signal: AbortSignal): Promise<Sent>
}
