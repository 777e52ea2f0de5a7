import { deciderMutants } from './deciders.js'
import { executorMutants } from './executor.js'
import { lockMutants } from './locks.js'
import type { Mutant } from './mutant.js'
import { relayMutants } from './relay.js'
import { storeMutants } from './store.js'

/** All mutants: M01 to M40, then the bugs of well-known platforms. */
export const mutants: readonly Mutant[] = [
  ...storeMutants,
  ...deciderMutants,
  ...executorMutants,
  ...lockMutants,
  ...relayMutants,
].sort((a, b) => (a.id < b.id ? -1 : 1))
