import { administratorId, demoUsers } from './catalogue.js'
import type { Rushes } from './rush/rushes.js'

/** Signs a token for a user, optionally with the administrator scope. */
export type SignToken = (userId: string, isAdministrator: boolean) => Promise<string>

/**
 * How a visitor signs in as a demo user. `token`: asks this server for a token. `open`: needs no token.
 * `elsewhere`: needs a token from another issuer. It also applies if this server must not issue tokens.
 */
export type SignInWay = 'token' | 'open' | 'elsewhere'

/** The parts of a server that exist only while demo data is on. */
export interface Demo {
  readonly signIn: SignInWay
  /** Whether only callers on this machine get tokens. */
  readonly isLocalOnly: boolean
  readonly signToken: SignToken | undefined
  readonly rushes: Rushes
  /** Keeps a drop in the shop. */
  readonly drops: {
    /** Rejects if the first one cannot be created. */
    start(): Promise<void>
    stop(): Promise<void>
  }
}

/** How the sender of this request signs in. */
export const signInWayOf = (
  { signIn, isLocalOnly }: Pick<Demo, 'signIn' | 'isLocalOnly'>,
  isFromThisMachine: boolean,
): SignInWay => (signIn === 'token' && isLocalOnly && !isFromThisMachine ? 'elsewhere' : signIn)

export interface DemoUser {
  readonly userId: string
  readonly isAdministrator: boolean
}

/** The accounts that a visitor can sign in as. */
export const demoAccounts: readonly DemoUser[] = [
  ...demoUsers.map((userId) => ({ userId, isAdministrator: false })),
  { userId: administratorId, isAdministrator: true },
]
