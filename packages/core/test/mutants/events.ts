import { forgettingTypes, restarting, subjectsByType, tellsTooEarly, unasked, without } from './breakers/events.js'
import type { Mutant } from './mutant.js'

const everywhere = ['ALONE', 'CROWDED', 'INTERLEAVED'] as const

export const eventMutants: readonly Mutant[] = [
  {
    id: 'N01',
    title: 'no event of a grant',
    part: 'store',
    fits: everywhere,
    breaks: { store: without('wallet.granted') },
  },
  {
    id: 'N02',
    title: 'event of a type that the policy does not name',
    part: 'store',
    fits: everywhere,
    breaks: { store: unasked },
  },
  {
    id: 'N03',
    title: 'numbers of a coupon begin again',
    part: 'store',
    fits: everywhere,
    breaks: { store: restarting },
  },
  {
    id: 'N04',
    title: 'two events of a user claimed at once',
    part: 'relay',
    fits: everywhere,
    breaks: { store: subjectsByType },
  },
  {
    id: 'N05',
    title: 'event of the stock before the order is refused',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'place-order': tellsTooEarly } },
  },
  {
    id: 'N06',
    title: 'order takes the types of its events from the policy of the day',
    part: 'store',
    fits: everywhere,
    breaks: { store: forgettingTypes },
  },
  {
    id: 'N07',
    title: 'no event of the last unit',
    part: 'store',
    fits: ['EVENTS-OF-A-CROWD'],
    breaks: { store: without('stock.sold-out') },
  },
]
