import type { EventSender } from '@shop/core'

/** Receives the events of a demo: it takes each of them, and keeps none. */
export const demoReceiver: EventSender = {
  send: async () => ({ kind: 'sent' }),
}
