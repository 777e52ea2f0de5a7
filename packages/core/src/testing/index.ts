export type { HistoriesOptions } from './arbitraries.js'
export { anyPolicies, faultScripts, histories } from './arbitraries.js'
export { changesOf } from './changes.js'
export type { Guard } from './client.js'
export { Receiver } from './delivery.js'
export type { CommandResult, ExpectedChanges, Story } from './given.js'
export { given } from './given.js'
export type { Given, OrderParts, Put } from './given-rows.js'
export {
  couponOf,
  defaultNow,
  entryOf,
  eventOf,
  holdOf,
  issuedCouponOf,
  lineOf,
  orderOf,
  paymentOf,
  productOf,
  walletOf,
} from './given-rows.js'
export type { Answer, Call, Journal, Recorded } from './journal.js'
export type { LocksHarness } from './kit/describe-locks.js'
export { describeLocks } from './kit/describe-locks.js'
export type { DescribeStoreOptions } from './kit/describe-store.js'
export { describeStore, playTrial, TrialFailed } from './kit/describe-store.js'
export type { Peeked, Runner, StoreHarness, Subject } from './kit/harness.js'
export type { Adapt, Mode } from './kit/modes.js'
export { modes, playOn } from './kit/modes.js'
export { search } from './kit/search.js'
export { historyLaws } from './laws/history-laws.js'
export { laws, storeTrials } from './laws/laws.js'
export type { LockTrial } from './laws/locks.js'
export { lockTrials } from './laws/locks.js'
export type { HistoryLaw, Run } from './laws/run.js'
export type { Scenario } from './laws/trial.js'
export type { LockFault } from './lock-wrappers.js'
export { faultyLocks, lockFaults } from './lock-wrappers.js'
export type { ManualClock } from './manual-clock.js'
export { countedIds, manualClock } from './manual-clock.js'
export type { Question } from './oracle/oracle.js'
export { Oracle } from './oracle/oracle.js'
export type { ModelReply } from './oracle/state.js'
export type { Observation } from './reading.js'
export type { Problem, Stage } from './run-history.js'
export { HistoryBroken, runHistory } from './run-history.js'
export type { CommandStep, ControlStep, History, ReadStep, Step, StepKey } from './steps.js'
export { describeHistory, describeStep, startOfHistory } from './steps.js'
export type { Fault, FaultPlan, FaultScript, Gate } from './store-wrappers.js'
export { faults, faultyStore, followScript, gatedStore } from './store-wrappers.js'
