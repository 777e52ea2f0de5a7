import { faultyLocks } from '../../src/conformance/lock-wrappers.js'
import { inProcessLocks } from '../../src/index.js'
import { forgetfulLocks } from './breakers/locks.js'
import { staleRows } from './breakers/transact.js'
import type { Mutant } from './mutant.js'

export const lockMutants: readonly Mutant[] = [
  {
    id: 'M26',
    title: 'lock as the only guard of a balance',
    part: 'locks',
    fits: ['LOCKS-NOT-NEEDED'],
    breaks: { store: staleRows('wallets', ['balance']) },
  },
  {
    id: 'M27',
    title: 'error on release replaces the result',
    part: 'locks',
    fits: ['LOCK-RESULT'],
    breaks: { locks: (isOn) => faultyLocks(inProcessLocks(), () => (isOn ? 'throws on release' : undefined)) },
  },
  {
    id: 'M28',
    title: 'release frees another holder’s lock',
    part: 'locks',
    instead:
      'A lock has one name, and row keys are sorted and distinct before a store sees them. No list of locks can be released in part.',
    fits: ['LOCK-TURNS-AWAY'],
    breaks: { locks: forgetfulLocks },
  },
]
