import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type BalanceView, balanceView, openWallet } from '../../model/wallet.js'
import { checkFields, id } from '../../shared/check.js'

export interface RegisterUser {
  readonly userId: string
}

/**
 * Opens an empty wallet. Refused: USER_ALREADY_EXISTS.
 * (seed 002, B084; wallets that open by registration need it, the others allow it)
 */
export const registerUser = defineCommand<RegisterUser, BalanceView>({
  name: 'register-user',
  check: (input) => checkFields(input, { userId: id }),
  keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
  decide(facts, { userId }, { now }) {
    if (facts.wallet(userId)) return refuse({ code: 'USER_ALREADY_EXISTS', userId })
    const wallet = openWallet(userId, now)
    return accept(balanceView(wallet), [put('wallets', wallet)])
  },
})
