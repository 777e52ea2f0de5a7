import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { addEntry, type BalanceView, openWallet } from '../../model/wallet.js'
import { type Policies, requiresRegistration } from '../../policies/policies.js'
import { checkFields, id, integer } from '../../shared/check.js'
import { maxMoney } from '../../shared/limits.js'

/** Input of {@link chargeBalance}. */
export interface ChargeBalance {
  /** The user whose balance grows. */
  readonly userId: string
  /**
   * In the currency's minor unit: a whole number that policy `charge` allows, from `minimum` to `maximum` and a multiple
   * of `unit`.
   */
  readonly amount: number
}

/** A balance after a charge. */
export interface ChargeView extends BalanceView {
  /** The entry of the wallet's history that records the charge. */
  readonly entryId: string
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
 * Adds to a balance and to its history.
 * Refused: INVALID_REQUEST, USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`), CHARGE_AMOUNT_INVALID,
 * BALANCE_LIMIT_EXCEEDED. The first that applies.
 *
 * @example await shop.execute(chargeBalance, { userId: 'mina', amount: 10_000 })
 */
export const chargeBalance = defineCommand<ChargeBalance, ChargeView>({
  name: 'charge-balance',
  check: (input) => checkFields(input, { userId: id, amount: integer(-maxMoney, maxMoney) }),
  keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
  decide(facts, { userId, amount }, { now, policies, newId }) {
    const found = facts.wallet(userId)
    if (!found && requiresRegistration(policies)) return refuse({ code: 'USER_NOT_FOUND', userId })
    const before = found ?? openWallet(userId, now)
    const limit = chargeLimit(amount, before.balance, policies.charge)
    if (limit) return refuse(limit)
    const { wallet, entry } = addEntry(before, { kind: 'charge', amount, orderId: null }, { now, newId })
    return accept({ userId, balance: wallet.balance, entryId: entry.entryId }, [
      put('wallets', wallet),
      put('entries', entry),
    ])
  },
})
