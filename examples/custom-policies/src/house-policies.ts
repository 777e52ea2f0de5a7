import { type PolicyOverrides, resolvePolicies } from '@shop/core'

/** The first kind of house rule is data: what differs from a preset. An invalid value throws a PolicyError. */
export const houseOverrides: PolicyOverrides = {
  order: { holdMinutes: 5 },
  payment: { onInsufficientBalance: 'fail-order' },
}

export const housePolicies = resolvePolicies('standard', houseOverrides)
