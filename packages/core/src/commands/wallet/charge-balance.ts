import { defineCommand, refuse } from '../../engine/command.js'
import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import { reference } from '../../model/reference.js'
import { addEntry, type BalanceChangeView } from '../../model/wallet.js'
import type { Policies } from '../../policies/policies.js'
import { checkFields, id, integer, optional } from '../../shared/check.js'
import { maxMoney } from '../../shared/limits.js'
import { walletOf } from '../registration.js'
import { acceptEntry, changeView } from './accept-entry.js'
import { isSameRequest } from './same-request.js'

/** Input of {@link chargeBalance}. */
export interface ChargeBalance {
  /** The user whose balance grows. */
  readonly userId: string
  /**
   * In the currency's minor unit: a whole number that policy `charge` allows, from `minimum` to `maximum` and a multiple
   * of `unit`.
   */
  readonly amount: number
  /**
   * The caller's name for this charge, for example the payment provider's: 1 to 200 visible ASCII characters. It is unique
   * among charges, for ever: the same request is answered with the first result, another one is refused.
   * @default no reference
   */
  readonly reference?: string | undefined
  /**
   * Data of your own, shown with the entry.
   * @default none
   */
  readonly metadata?: Metadata | undefined
}

const fields = {
  userId: id,
  amount: integer(-maxMoney, maxMoney),
  reference: optional(reference),
  metadata: optional(metadata),
}

/** Why `amount` cannot be charged onto `balance`, or undefined. The limit itself is allowed. */
export const chargeLimit = (
  amount: number,
  balance: number,
  { minimum, maximum, unit, balanceLimit }: Policies['charge'],
) => {
  if (amount < minimum || amount > maximum || amount % unit !== 0) {
    return { code: 'CHARGE_AMOUNT_INVALID', minimum, maximum, unit } as const
  }
  if (balance + amount > balanceLimit) return { code: 'BALANCE_LIMIT_EXCEEDED', limit: balanceLimit, balance } as const
  return undefined
}

/**
 * Adds paid money to a balance. Policy `charge.balanceLimit` counts bonus money, too.
 * Refused: INVALID_REQUEST, REFERENCE_REUSED, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`),
 * CHARGE_AMOUNT_INVALID, BALANCE_LIMIT_EXCEEDED. The first that applies.
 *
 * @example await shop.execute(chargeBalance, { userId: 'mina', amount: 10_000, reference: 'toss-pay-8f21' })
 */
export const chargeBalance = defineCommand<ChargeBalance, BalanceChangeView>({
  name: 'charge-balance',
  check: (input) => checkFields(input, fields),
  reference: ({ reference }) => (reference === undefined ? undefined : { kind: 'charge', owner: '', reference }),
  replay: (entry, input, context) => (isSameRequest(entry, input) ? changeView(entry, context) : undefined),
  keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
  decide(facts, input, context) {
    const { userId, amount, reference } = input
    const before = walletOf(facts, userId, context)
    if (!before) return refuse({ code: 'USER_NOT_FOUND', userId })
    const limit = chargeLimit(amount, before.balance, context.policies.charge)
    if (limit) return refuse(limit)
    const added = { kind: 'charge', amount, reference, metadata: storedMetadata(input.metadata) } as const
    return acceptEntry(addEntry(before, added, context), context)
  },
})
