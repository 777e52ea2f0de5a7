export { changesOf } from './changes.js'
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
  productOf,
  walletOf,
} from './given-rows.js'
export type { ManualClock } from './manual-clock.js'
export { countedIds, manualClock } from './manual-clock.js'
