import { companionMutants } from './companions.js'
import { deciderMutants } from './deciders.js'
import { eventMutants } from './events.js'
import { executorMutants } from './executor.js'
import { historyMutants } from './history.js'
import { importMutants } from './imports.js'
import { lockMutants } from './locks.js'
import { moneyStoreMutants } from './money-stores.js'
import type { Mutant } from './mutant.js'
import { ownDataMutants } from './own-data.js'
import { refundMutants } from './refunds.js'
import { relayMutants } from './relay.js'
import { replicaMutants } from './replicas.js'
import { sellingMutants } from './selling.js'
import { spendingMutants } from './spending.js'
import { storeMutants } from './store.js'

/**
 * All mutants: M01 to M40, the bugs of well-known platforms; W01 onwards for bonus money, references and refunds; D01
 * onwards for hours, sales, purchase limits and codes; E01 onwards for ids and metadata that callers choose; I01 onwards
 * for imports; H01 onwards for lost histories; N01 onwards for events; R01 onwards for replicas; X01 onwards for
 * companions.
 */
export const mutants: readonly Mutant[] = [
  ...storeMutants,
  ...deciderMutants,
  ...executorMutants,
  ...lockMutants,
  ...relayMutants,
  ...moneyStoreMutants,
  ...spendingMutants,
  ...refundMutants,
  ...replicaMutants,
  ...sellingMutants,
  ...companionMutants,
  ...importMutants,
  ...ownDataMutants,
  ...eventMutants,
  ...historyMutants,
].sort((a, b) => (a.id < b.id ? -1 : 1))
