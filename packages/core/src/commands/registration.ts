import type { Context } from '../engine/command.js'
import type { Facts } from '../engine/facts.js'
import { openWallet, type Wallet } from '../model/wallet.js'
import { type Policies, requiresRegistration } from '../policies/policies.js'
import type { CommandKeys } from '../store/keys.js'

/** The key that `unregistered` needs if the user's wallet is not locked. */
export const registrationKeys = (userId: string, policies: Policies): NonNullable<CommandKeys['read']> =>
  requiresRegistration(policies) ? { users: [userId] } : {}

/** The refusal of a user who must register first, or undefined. */
export const unregistered = (facts: Facts, userId: string, policies: Policies) =>
  requiresRegistration(policies) && !facts.userExists(userId)
    ? ({ code: 'USER_NOT_FOUND', userId } as const)
    : undefined

/** The user's wallet: a new one if the policy opens wallets on first use, or undefined if the user must register first. */
export const walletOf = (
  facts: Facts,
  userId: string,
  { now, policies }: Pick<Context, 'now' | 'policies'>,
): Wallet | undefined => facts.wallet(userId) ?? (requiresRegistration(policies) ? undefined : openWallet(userId, now))
