/** Who sent a request. */
export interface Caller {
  /** The user who sent the request; `anonymous` on a public route, and with authentication off. */
  readonly userId: string
  readonly isAdministrator: boolean
  /** The shop that the caller belongs to, on a server of many shops. Its token may call this shop only. */
  readonly shopId?: string | undefined
  /** The scopes of its token. Of them, `shop:charge` grants bonus money, and may charge balances. @default [] */
  readonly scopes?: readonly string[] | undefined
}

/**
 * `public`: no token needed. `user`: any authenticated caller; if the request names a user, only that user.
 * `administrator`: administrators only.
 */
export type Access = 'public' | 'user' | 'administrator'

/** The scope of a payment provider. */
export const chargeScope = 'shop:charge'

/**
 * Who charges balances, beside administrators. `user`: each user its own. `administrator`: only callers with the scope
 * `shop:charge`.
 */
export type ChargeAccess = 'user' | 'administrator'

export const holdsScope = ({ scopes = [] }: Caller, scope: string | undefined): boolean =>
  scope !== undefined && scopes.includes(scope)
