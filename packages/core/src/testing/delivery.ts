import type { OutboxEvent } from '../outbox/event.js'
import { relayOnce } from '../outbox/relay.js'
import type { Sent } from '../outbox/sender.js'
import type { OutboxStore } from '../store/store.js'

/** A receiver of events that remembers every attempt. */
export class Receiver {
  readonly attempts: { readonly event: OutboxEvent; readonly sent: Sent }[] = []
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
        options: { batch: 1_000, maxAttempts: 1_000, pauseMs: 1_000, maxPauseMs: 1_000 },
        sender: {
          send: async (event) => {
            const sent = reply(event)
            this.attempts.push({ event, sent })
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
