import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { addEntry, type BalanceView, openWallet } from '../../model/wallet.js'
import { type Policies, requiresRegistration } from '../../policies/policies.js'
import { checkFields, id, integer } from '../../shared/check.js'
import { maxMoney } from '../../shared/limits.js'

export interface ChargeBalance {
  readonly userId: string
  /** In the currency's minor unit. */
  readonly amount: number
}

export interface ChargeView extends BalanceView {
  readonly entryId: string
}

/** Why `amount` cannot be charged onto `balance`, or nothing. (seed 003, B141 · seed 004, B201: exactly the limit is allowed) */
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
 * Adds to a balance and writes the history line, in one. Refused, in this order: USER_NOT_FOUND (where wallets open by
 * registration), CHARGE_AMOUNT_INVALID, BALANCE_LIMIT_EXCEEDED.
 * (seed 000, B001–B005 · seed 001, B043–B045 · seed 002, B082–B088 · seed 003, B137–B146 · seed 004, B180–B185)
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
