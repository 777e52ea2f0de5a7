import { resolvePolicies } from '@shop/core'

/** The first kind of house rule is data: a preset with overrides. An invalid value throws a PolicyError. */
export const housePolicies = resolvePolicies('standard', {
  order: { holdMinutes: 5 },
  payment: { onInsufficientBalance: 'fail-order' },
})
