import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type BalanceView, balanceView, openWallet } from '../../model/wallet.js'
import { checkFields, id } from '../../shared/check.js'

/** Input of {@link registerUser}. */
export interface RegisterUser {
  /** The id of the new user. */
  readonly userId: string
}

/**
 * Opens an empty wallet. Required by policy `wallet.opens: 'by-registration'`, optional otherwise.
 * Refused: INVALID_REQUEST, USER_ALREADY_EXISTS (the first that applies).
 *
 * @example await shop.execute(registerUser, { userId: 'mina' })
 */
export const registerUser = defineCommand<RegisterUser, BalanceView>({
  name: 'register-user',
  check: (input) => checkFields(input, { userId: id }),
  keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
  decide(facts, { userId }, context) {
    if (facts.wallet(userId)) return refuse({ code: 'USER_ALREADY_EXISTS', userId })
    const wallet = openWallet(userId, context.now)
    return accept(balanceView(wallet, context), [put('wallets', wallet)])
  },
})
