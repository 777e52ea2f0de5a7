/** Who sent a request. */
export interface Caller {
  /** The user it acts for; with authentication off, the user that the request names. */
  readonly userId: string
  readonly isAdministrator: boolean
  /** The scopes of its token. Of them, `shop:charge` grants bonus money, and may charge balances. @default [] */
  readonly scopes?: readonly string[] | undefined
}

/** The scope of a payment provider. */
export const chargeScope = 'shop:charge'

/**
 * Who charges balances, beside administrators. `user`: each user its own. `administrator`: only callers with the scope
 * `shop:charge`.
 */
export type ChargeAccess = 'user' | 'administrator'

export const holdsScope = ({ scopes = [] }: Caller, scope: string | undefined): boolean =>
  scope !== undefined && scopes.includes(scope)
