import type { OutboxEvent } from '../model/event.js'
import type { Sent } from '../outbox/relay.js'
import { relayOnce } from '../outbox/relay.js'
import type { OutboxStore } from '../store/store.js'

/** A receiver of events that remembers every attempt. */
export class Receiver {
  /** Every attempt with its answer. */
  readonly attempts: { readonly event: OutboxEvent; readonly sent: Sent }[] = []
  /** Events that were being sent twice at once. */
  readonly collisions: OutboxEvent[] = []
  readonly #underWay = new Set<string>()
  #leases = 0

  /** Relays once; the receiver answers as `reply` says. Answers how many events were claimed. */
  relay(store: OutboxStore, reply: (event: OutboxEvent) => Sent): Promise<number> {
    return relayOnce(
      {
        store,
        newId: () => {
          this.#leases += 1
          return `lease-${this.#leases}`
        },
        random: () => 0,
        // The clock may be moved while an event is on its way: the lease outlives that.
        options: { batch: 1_000, leaseMs: 10 ** 12, maxAttempts: 1_000, minBackoffMs: 1_000, maxBackoffMs: 1_000 },
        sender: {
          send: async (event) => {
            if (this.#underWay.has(event.eventId)) this.collisions.push(event)
            this.#underWay.add(event.eventId)
            const sent = reply(event)
            this.attempts.push({ event, sent })
            // Other relays get a chance to claim it, too.
            await new Promise((resolve) => setImmediate(resolve))
            this.#underWay.delete(event.eventId)
            return sent
          },
        },
      },
      new AbortController().signal,
    )
  }
}

export const takes = (): Sent => ({ kind: 'sent' })
export const refuses = (): Sent => ({ kind: 'refused', error: 'not wanted' })
