import { defineCommand, refuse } from '../../engine/command.js'
import { reference } from '../../model/reference.js'
import { addEntry, type BalanceChangeView, paidMoney } from '../../model/wallet.js'
import { checkFields, id, integer, optional, text } from '../../shared/check.js'
import { maxMoney, maxReasonLength } from '../../shared/limits.js'
import { acceptEntry, changeView } from './accept-entry.js'
import { isSameRequest } from './same-request.js'

/** Input of {@link adjustBalance}. */
export interface AdjustBalance {
  /** The user whose balance is corrected. */
  readonly userId: string
  /** Added to the paid money, in the currency's minor unit: -(2^53 - 1) to 2^53 - 1, not 0. */
  readonly change: number
  /** Why it is corrected: 1 to 200 code points, shown with the entry. */
  readonly reason: string
  /**
   * The caller's name for this correction: 1 to 200 visible ASCII characters. It is unique among adjustments, for ever: the
   * same request is answered with the first result, another one is refused.
   * @default no reference
   */
  readonly reference?: string | undefined
}

/**
 * Corrects the paid money of a balance in either direction. The limits of charging do not apply.
 * Refused: INVALID_REQUEST, REFERENCE_REUSED, USER_NOT_FOUND, BALANCE_LIMIT_EXCEEDED (above 2^53 - 1),
 * BALANCE_INSUFFICIENT (`balance` is the paid money, `required` what the correction takes). The first that applies.
 *
 * @example await shop.execute(adjustBalance, { userId: 'mina', change: -3_000, reason: 'charged twice' })
 */
export const adjustBalance = defineCommand<AdjustBalance, BalanceChangeView>({
  name: 'adjust-balance',
  check: (input) =>
    checkFields(input, {
      userId: id,
      change: (value) => (value === 0 ? 'must not be 0' : integer(-maxMoney, maxMoney)(value)),
      reason: text(maxReasonLength),
      reference: optional(reference),
    }),
  reference: ({ reference }) => (reference === undefined ? undefined : { kind: 'adjustment', owner: '', reference }),
  replay: (entry, input, context) =>
    isSameRequest(entry, { ...input, amount: input.change }) ? changeView(entry, context) : undefined,
  keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
  decide(facts, { userId, change, reason, reference }, context) {
    const before = facts.wallet(userId)
    if (!before) return refuse({ code: 'USER_NOT_FOUND', userId })
    if (before.balance + change > maxMoney) {
      return refuse({ code: 'BALANCE_LIMIT_EXCEEDED', limit: maxMoney, balance: before.balance })
    }
    const adjustable = paidMoney(before)
    if (adjustable + change < 0) {
      return refuse({ code: 'BALANCE_INSUFFICIENT', balance: adjustable, required: -change })
    }
    return acceptEntry(addEntry(before, { kind: 'adjustment', amount: change, reason, reference }, context), context)
  },
})
