export type { Ending, ExpectedChanges, Story } from './given.js'
export { given } from './given.js'
export type { Given, OrderParts, Put } from './given-rows.js'
export {
  couponOf,
  eventOf,
  holdOf,
  issuedCouponOf,
  lineOf,
  orderOf,
  productOf,
  storyBegins,
  walletOf,
} from './given-rows.js'
