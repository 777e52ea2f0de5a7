import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { reference } from '../../model/reference.js'
import { addEntry, openWallet } from '../../model/wallet.js'
import { checkFields, id, integer, optional } from '../../shared/check.js'
import { maxMoney } from '../../shared/limits.js'

/** Input of {@link importUser}. */
export interface ImportUser {
  /** The user's id. */
  readonly userId: string
  /**
   * The paid money that the user brings along, in the currency's minor unit, 0 to 2^53 - 1. It becomes an entry of kind
   * `opening`.
   * @default none: an empty wallet without an entry
   */
  readonly balance?: number | undefined
  /**
   * The caller's name for this opening balance: 1 to 200 visible ASCII characters. It is unique among opening balances, for
   * ever. It needs a `balance`.
   * @default no reference
   */
  readonly reference?: string | undefined
}

/** The result of {@link importUser}. */
export interface ImportedUserView {
  /** The user's id. */
  readonly userId: string
  /** False if the user was there already, with this opening balance or with nothing to bring. */
  readonly imported: boolean
}

/** Whether the user who is there has all that the line brings. */
const bringsNothingNew = (
  { balance, reference }: ImportUser,
  opening: { readonly amount: number; readonly reference: string | null } | undefined,
): boolean => {
  if (balance === undefined) return true
  if (!opening) return balance === 0 && reference === undefined
  return opening.amount === balance && (reference === undefined || opening.reference === reference)
}

/**
 * Opens the wallet of a user of an earlier shop, with the balance that the user had there. The limits of charging do not
 * apply. A user who is there with this opening balance is accepted and not changed, so the command may run again.
 * Refused: INVALID_REQUEST, REFERENCE_REUSED (of another user, or with another balance), USER_ALREADY_EXISTS (with another
 * opening balance, or without one: money would be lost). The first that applies.
 *
 * @example await shop.execute(importUser, { userId: 'mina', balance: 25_000 })
 */
export const importUser = defineCommand<ImportUser, ImportedUserView>({
  name: 'import-user',
  check(input) {
    const errors = checkFields(input, {
      userId: id,
      balance: optional(integer(0, maxMoney)),
      reference: optional(reference),
    })
    const isAlone = errors.length === 0 && input.reference !== undefined && input.balance === undefined
    return isAlone ? [{ path: 'reference', message: 'needs a balance' }] : errors
  },
  reference: ({ reference }) => (reference === undefined ? undefined : { kind: 'opening', owner: '', reference }),
  replay: ({ userId, amount }, input) =>
    userId === input.userId && amount === input.balance ? { userId, imported: false } : undefined,
  keys: ({ userId }) => ({ lock: { wallets: [userId] }, read: { openings: [userId] } }),
  decide(facts, input, context) {
    const { userId, balance, reference } = input
    if (facts.wallet(userId)) {
      const opening = facts.opening(userId)
      return bringsNothingNew(input, opening)
        ? accept({ userId, imported: false }, [])
        : refuse({ code: 'USER_ALREADY_EXISTS', userId, openingBalance: opening?.amount ?? null })
    }
    const opened = openWallet(userId, context.now)
    if (balance === undefined) return accept({ userId, imported: true }, [put('wallets', opened)])
    const { wallet, entry } = addEntry(opened, { kind: 'opening', amount: balance, reference }, context)
    return accept({ userId, imported: true }, [put('wallets', wallet), put('entries', entry)])
  },
})
