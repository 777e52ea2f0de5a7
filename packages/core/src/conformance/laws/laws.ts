import type { AnyLaw } from '../../audit/law.js'
import { laws as storedLaws } from '../../audit/laws.js'
import { historyLaws } from './history-laws.js'
import { type LockTrial, lockTrials } from './locks.js'
import type { HistoryLaw } from './run.js'
import { codeTrials } from './store/codes.js'
import { crowdTrials } from './store/crowds.js'
import { eventTrials } from './store/events.js'
import { fieldTrials } from './store/fields.js'
import { freshListTrials } from './store/fresh-lists.js'
import { lostHistoryTrials } from './store/history.js'
import { importTrials } from './store/imports.js'
import { listTrials } from './store/lists.js'
import { loadTrials } from './store/loads.js'
import { moneyTrials } from './store/money.js'
import { orderIdTrials } from './store/order-ids.js'
import { outboxTrials } from './store/outbox.js'
import { purchaseTrials } from './store/purchases.js'
import { referenceTrials } from './store/references.js'
import { rowTrials } from './store/rows.js'
import { statementTrials } from './store/statements.js'
import { supportTrials } from './store/supports.js'
import { transactionTrials } from './store/transactions.js'
import { upkeepTrials } from './store/upkeep.js'
import { withinTrials } from './store/within.js'
import type { Scenario } from './trial.js'

/** The scenarios on a store. */
export const storeTrials: readonly Scenario[] = [
  ...transactionTrials,
  ...rowTrials,
  ...fieldTrials,
  ...loadTrials,
  ...outboxTrials,
  ...eventTrials,
  ...upkeepTrials,
  ...supportTrials,
  ...withinTrials,
  ...listTrials,
  ...freshListTrials,
  ...statementTrials,
  ...crowdTrials,
  ...referenceTrials,
  ...moneyTrials,
  ...purchaseTrials,
  ...codeTrials,
  ...importTrials,
  ...orderIdTrials,
  ...lostHistoryTrials,
]

/** Every law, once: of stored data, of histories, and of scenarios on a store and on locks. */
export const laws: readonly (AnyLaw | HistoryLaw | Scenario | LockTrial)[] = [
  ...storedLaws,
  ...historyLaws,
  ...storeTrials,
  ...lockTrials,
]
