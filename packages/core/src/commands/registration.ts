import type { Facts } from '../engine/facts.js'
import { type Policies, requiresRegistration } from '../policies/policies.js'
import type { CommandKeys } from '../store/keys.js'

/** What `unregistered` reads of a user whose wallet is not locked. */
export const registrationKeys = (userId: string, policies: Policies): NonNullable<CommandKeys['read']> =>
  requiresRegistration(policies) ? { users: [userId] } : {}

/** The refusal of a user who must register first, or nothing. */
export const unregistered = (facts: Facts, userId: string, policies: Policies) =>
  requiresRegistration(policies) && !facts.userExists(userId)
    ? ({ code: 'USER_NOT_FOUND', userId } as const)
    : undefined
