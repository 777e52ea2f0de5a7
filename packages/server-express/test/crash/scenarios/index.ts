import { cancels } from './cancel.js'
import { charges } from './charge.js'
import { checkouts } from './checkout.js'
import { couponIssues } from './coupon-issue.js'
import { limitedScenarios } from './limited.js'
import { moneyScenarios } from './money.js'
import { notedScenarios } from './noted.js'
import { refunds } from './refund.js'
import type { Scenario } from './scenario.js'

export const scenarios: readonly Scenario[] = [
  ...charges,
  ...couponIssues,
  ...cancels,
  ...checkouts,
  ...refunds,
  ...moneyScenarios,
  ...limitedScenarios,
  ...notedScenarios,
]
