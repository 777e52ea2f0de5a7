import type { OutboxEvent } from '../model/event.js'
import type { Sent } from '../outbox/relay.js'
import { relayOnce } from '../outbox/relay.js'
import type { OutboxStore } from '../store/store.js'

/** A receiver of events that remembers every attempt. */
export class Receiver {
  /** Every attempt with its answer. */
  readonly attempts: { readonly event: OutboxEvent; readonly sent: Sent }[] = []
  /** Events that two relays were sending at once. */
  readonly collisions: OutboxEvent[] = []
  readonly #underWay = new Set<string>()
  #leases = 0

  /** Relays once; the receiver replies with `reply`. Resolves with the number of claimed events. */
  relay(store: OutboxStore, reply: (event: OutboxEvent) => Sent): Promise<number> {
    return relayOnce(
      {
        store,
        newId: () => {
          this.#leases += 1
          return `lease-${this.#leases}`
        },
        random: () => 0,
        // The test may advance the clock while an event is being sent, so the lease is long enough.
        options: { batch: 1_000, leaseMs: 10 ** 12, maxAttempts: 1_000, minBackoffMs: 1_000, maxBackoffMs: 1_000 },
        sender: {
          send: async (event) => {
            if (this.#underWay.has(event.eventId)) this.collisions.push(event)
            this.#underWay.add(event.eventId)
            const sent = reply(event)
            this.attempts.push({ event, sent })
            // Lets other relays try to claim the event.
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
