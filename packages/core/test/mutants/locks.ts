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
    title: 'trouble on release replaces the result',
    part: 'locks',
    fits: ['LOCK-RESULT'],
    breaks: { locks: (isOn) => faultyLocks(inProcessLocks(), () => (isOn ? 'throws on release' : undefined)) },
  },
  {
    id: 'M28',
    title: 'release frees the lock of somebody else',
    part: 'locks',
    instead:
      'A lock has one name, and keys of rows are sorted and distinct before a store sees them: there is no list to release in part.',
    fits: ['LOCK-TURNS-AWAY'],
    breaks: { locks: forgetfulLocks },
  },
]
