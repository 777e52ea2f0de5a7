import { defineCommand, refuse } from '../../engine/command.js'
import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import { reference } from '../../model/reference.js'
import { addEntry, type BalanceChangeView, paidMoney } from '../../model/wallet.js'
import { checkFields, id, integer, optional, text } from '../../shared/check.js'
import { maxMoney, maxReasonLength } from '../../shared/limits.js'
import { acceptEntry, changeView } from './accept-entry.js'
import { isSameRequest } from './same-request.js'

/** Input of {@link withdrawBalance}. */
export interface WithdrawBalance {
  /** The user whose money is paid out. */
  readonly userId: string
  /** In the currency's minor unit, 1 to 2^53 - 1. */
  readonly amount: number
  /**
   * Why it is paid out: 1 to 200 code points, shown with the entry.
   * @default no reason
   */
  readonly reason?: string | undefined
  /**
   * The caller's name for this withdrawal: 1 to 200 visible ASCII characters. It is unique among withdrawals, for ever: the
   * same request is answered with the first result, another one is refused.
   * @default no reference
   */
  readonly reference?: string | undefined
  /**
   * Data of your own, shown with the entry.
   * @default none
   */
  readonly metadata?: Metadata | undefined
}

/**
 * Takes paid money out of a balance, to be paid out. Bonus money stays.
 * Refused: INVALID_REQUEST, REFERENCE_REUSED, USER_NOT_FOUND, BALANCE_INSUFFICIENT (`balance` is the paid money). The
 * first that applies.
 *
 * @example await shop.execute(withdrawBalance, { userId: 'mina', amount: 5_000, reason: 'account closed' })
 */
export const withdrawBalance = defineCommand<WithdrawBalance, BalanceChangeView>({
  name: 'withdraw-balance',
  check: (input) =>
    checkFields(input, {
      userId: id,
      amount: integer(1, maxMoney),
      reason: optional(text(maxReasonLength)),
      reference: optional(reference),
      metadata: optional(metadata),
    }),
  reference: ({ reference }) => (reference === undefined ? undefined : { kind: 'withdrawal', owner: '', reference }),
  replay: (entry, input, context) =>
    isSameRequest(entry, { ...input, amount: -input.amount }) ? changeView(entry, context) : undefined,
  keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
  decide(facts, { userId, amount, reason, reference, metadata }, context) {
    const before = facts.wallet(userId)
    if (!before) return refuse({ code: 'USER_NOT_FOUND', userId })
    const withdrawable = paidMoney(before)
    if (amount > withdrawable) {
      return refuse({ code: 'BALANCE_INSUFFICIENT', balance: withdrawable, required: amount })
    }
    const added = {
      kind: 'withdrawal',
      amount: -amount,
      reason,
      reference,
      metadata: storedMetadata(metadata),
    } as const
    return acceptEntry(addEntry(before, added, context), context)
  },
})
