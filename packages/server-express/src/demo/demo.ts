import { administratorId, demoUsers } from './catalogue.js'
import type { Rushes } from './rush/rushes.js'

/** Makes a token of a user; with the scope of an administrator, where asked for. */
export type SignToken = (userId: string, isAdministrator: boolean) => Promise<string>

/**
 * How somebody who tries the shop becomes a demo user. `token`: by asking for one. `open`: without a token, because
 * everybody is let in. `elsewhere`: with a token that others make, also where this server shall make none.
 */
export type SignInWay = 'token' | 'open' | 'elsewhere'

/** What there is only while demo data is on. */
export interface Demo {
  readonly signIn: SignInWay
  /** Are tokens made only for callers on this machine? */
  readonly isLocalOnly: boolean
  readonly signToken: SignToken | undefined
  readonly rushes: Rushes
}

/** How the sender of a request becomes a demo user. */
export const signInWayOf = ({ signIn, isLocalOnly }: Demo, isFromThisMachine: boolean): SignInWay =>
  signIn === 'token' && isLocalOnly && !isFromThisMachine ? 'elsewhere' : signIn

export interface DemoUser {
  readonly userId: string
  readonly isAdministrator: boolean
}

/** Who somebody who tries the shop can be. */
export const demoAccounts: readonly DemoUser[] = [
  ...demoUsers.map((userId) => ({ userId, isAdministrator: false })),
  { userId: administratorId, isAdministrator: true },
]
