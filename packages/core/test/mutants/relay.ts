import { anyoneSettles, cursor, headOfQueue, newIdPerAttempt, noLease, sentBeforeSending } from './breakers/outbox.js'
import type { Mutant } from './mutant.js'

export const relayMutants: readonly Mutant[] = [
  {
    id: 'M17',
    title: 'relay by a cursor',
    part: 'relay',
    fits: ['OUTBOX-LATE-COMMIT'],
    breaks: { store: cursor },
  },
  {
    id: 'M18',
    title: 'event marked as sent before it is sent',
    part: 'relay',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { store: sentBeforeSending },
  },
  {
    id: 'M19',
    title: 'new event id per attempt',
    part: 'relay',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { store: newIdPerAttempt },
  },
  {
    id: 'M33',
    title: 'relay without a lease',
    part: 'relay',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { store: noLease },
  },
  {
    id: 'M34',
    title: 'poison event blocks the queue',
    part: 'relay',
    fits: ['OUTBOX-POISON-CONTAINED'],
    breaks: { store: headOfQueue },
  },
  {
    id: 'P08',
    title: 'expired relay records a delivery that another relay has claimed',
    part: 'relay',
    fits: ['OUTBOX-LEASE-ENDS'],
    breaks: { store: anyoneSettles },
  },
]
