import { type RegisterUser, registerUser } from '../commands/wallet/register-user.js'
import type { Outcome } from '../engine/outcome.js'
import type { BalanceView } from '../model/wallet.js'
import type { CallOptions, Execute, Run } from './calls.js'

/** Users: people with a wallet. */
export interface Users {
  /**
   * Opens an empty wallet. Policy `wallet.opens: 'by-registration'` needs it; with `'on-first-charge'` the first charge
   * opens one as well.
   * @throws ShopRefusal INVALID_REQUEST | USER_ALREADY_EXISTS (the first that applies)
   * @example await shop.users.register({ userId: 'mina' })
   */
  register(input: RegisterUser, options?: CallOptions<BalanceView>): Promise<BalanceView>
}

/** {@link Users} in a transaction of the caller's: a refusal is a value. */
export interface UsersWithin {
  /** As {@link Users.register}, with the outcome as a value. */
  register(input: RegisterUser, options?: CallOptions<BalanceView>): Promise<Outcome<BalanceView>>
}

export const usersOf = (run: Run): Users => ({
  register: (input, options) => run(registerUser, input, options),
})

export const usersWithin = (execute: Execute): UsersWithin => ({
  register: (input, options) => execute(registerUser, input, options),
})
