import type { OutboxEvent } from '../model/event.js'
import type { NewId } from '../shared/id.js'
import type { Claimed, DeliveryResult, OutboxStore } from '../store/store.js'

/** The result of one attempt to send. A sender that throws counts as `failed`. */
export type Sent =
  | { readonly kind: 'sent' }
  /** Is retried, not before `retryAfterMs` if the receiver named a delay. */
  | { readonly kind: 'failed'; readonly error: string; readonly retryAfterMs?: number | undefined }
  /** Is never retried: the receiver does not accept this event. */
  | { readonly kind: 'refused'; readonly error: string }

/** Delivers events to a data platform. Must end within the relay's lease; `signal` aborts it earlier. */
export interface EventSender {
  /** Sends one event. Resolves with the result; an error counts as `failed`. */
  send(event: OutboxEvent, signal: AbortSignal): Promise<Sent>
}

/** How a relay sends and retries. */
export interface RelayOptions {
  /** Events sent at the same time; they have different subjects. */
  readonly batch: number
  /** How long a claim lasts. Longer than a slow send, so that no event is claimed twice while it is being sent. */
  readonly leaseMs: number
  /** The number of attempts after which an event is dead. */
  readonly maxAttempts: number
  /** The first pause, in milliseconds; each next one is twice as long, up to `maxBackoffMs`. */
  readonly minBackoffMs: number
  /** The longest pause, in milliseconds. */
  readonly maxBackoffMs: number
}

/** 20 events at once, a lease of 30 seconds, and 20 attempts over half a day to a day. */
export const defaultRelayOptions: RelayOptions = {
  batch: 20,
  leaseMs: 30_000,
  maxAttempts: 20,
  minBackoffMs: 1_000,
  maxBackoffMs: 4 * 3_600_000,
}

/** The pause after the n-th attempt: exponential, half of it random, and never shorter than the receiver asked for. */
export const backoffDelay = (
  attempts: number,
  { minBackoffMs, maxBackoffMs }: Pick<RelayOptions, 'minBackoffMs' | 'maxBackoffMs'>,
  random: number,
  retryAfterMs = 0,
): number => {
  const pause = Math.min(maxBackoffMs, minBackoffMs * 2 ** (attempts - 1))
  return Math.round(Math.max(Math.min(retryAfterMs, maxBackoffMs), pause * (0.5 + random / 2)))
}

/** What a relay needs. */
export interface RelayDeps {
  /** The outbox of the shop's store. */
  readonly store: OutboxStore
  /** Delivers the events. */
  readonly sender: EventSender
  /** Makes the ids of leases. */
  readonly newId: NewId
  /** A number from 0 to 1, which spreads retries over time. */
  readonly random: () => number
  /** Overrides {@link defaultRelayOptions}. */
  readonly options?: Partial<RelayOptions>
  /** Called after every attempt. */
  readonly onAttempt?: (event: OutboxEvent, sent: Sent) => void
}

const trySend = async (sender: EventSender, event: OutboxEvent, signal: AbortSignal): Promise<Sent> => {
  try {
    return await sender.send(event, signal)
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) }
  }
}

/** The error text without characters that a store cannot keep, at most 1,000 characters. */
const readable = (error: string): string => error.replaceAll(/\p{Surrogate}|\0/gu, '\ufffd').slice(0, 1_000)

const settlement = ({ event, lease }: Claimed, sent: Sent, options: RelayOptions, random: number): DeliveryResult => {
  const { eventId } = event
  if (sent.kind === 'sent') return { eventId, lease, status: 'sent' }
  const error = readable(sent.error)
  if (sent.kind === 'refused' || event.attempts >= options.maxAttempts) return { eventId, lease, status: 'dead', error }
  return {
    eventId,
    lease,
    status: 'pending',
    error,
    retryInMs: backoffDelay(event.attempts, options, random, sent.retryAfterMs),
  }
}

/**
 * Claims due events, sends them and records the results. Resolves with the number of claimed events.
 *
 * No transaction is open while it sends. Events of one subject are sent in sequence; a dead event does not block the next.
 * Any number of relays may run at once.
 */
export const relayOnce = async (
  { store, sender, newId, random, options, onAttempt }: RelayDeps,
  signal: AbortSignal,
): Promise<number> => {
  const settings = { ...defaultRelayOptions, ...options }
  const claimed = await store.claimEvents({ limit: settings.batch, leaseMs: settings.leaseMs, lease: newId() })
  if (claimed.length === 0) return 0
  const settlements = await Promise.all(
    claimed.map(async (claim) => {
      const sent = await trySend(sender, claim.event, signal)
      onAttempt?.(claim.event, sent)
      // The stop of this relay aborted the attempt, so it does not count as a failure of the receiver.
      const cutOff = sent.kind === 'failed' && signal.aborted
      return settlement(
        claim,
        sent,
        cutOff ? { ...settings, maxAttempts: Number.POSITIVE_INFINITY } : settings,
        random(),
      )
    }),
  )
  await store.recordDeliveries(settlements)
  return claimed.length
}
