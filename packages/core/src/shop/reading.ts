import type { ViewCounter } from '../engine/view-counter.js'
import { type Policies, requiresRegistration } from '../policies/policies.js'
import { type Check, checkFields } from '../shared/check.js'
import { type Refusal, ShopRefusal } from '../shared/refusal.js'
import type { Reads } from '../store/reads.js'

/** The dependencies of the reads of a shop. */
export interface Reading {
  readonly reads: Reads
  readonly policies: Policies
  /** The currency that answers name. */
  readonly currency?: string | undefined
  readonly views: Pick<ViewCounter, 'count'>
}

export const refuse = (refusal: Refusal): never => {
  throw new ShopRefusal(refusal)
}

/** @throws ShopRefusal INVALID_REQUEST with every field of the query that is wrong or unknown. */
export const checkQuery = (query: unknown, checks: Readonly<Record<string, Check>>): void => {
  const errors = checkFields(query, checks)
  if (errors.length > 0) refuse({ code: 'INVALID_REQUEST', errors })
}

/**
 * Under registration, a user without a wallet does not exist.
 * @throws ShopRefusal USER_NOT_FOUND
 */
export const mustBeKnown = async (userId: string, { reads, policies }: Reading): Promise<void> => {
  if (requiresRegistration(policies) && !(await reads.wallet(userId)).found) refuse({ code: 'USER_NOT_FOUND', userId })
}

/** The row if it belongs to the user, or if no user is named; otherwise undefined. */
export const owned = <T extends { readonly userId: string }>(
  found: T | undefined,
  userId: string | undefined,
): T | undefined => (found && (userId === undefined || found.userId === userId) ? found : undefined)
