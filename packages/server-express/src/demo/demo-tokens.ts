import { administratorId, demoUsers } from './catalogue.js'
import type { SignToken } from './demo.js'

export interface TokenMaker {
  readonly secret: string
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}

export interface DemoTokens {
  readonly user: { readonly userId: string; readonly token: string }
  readonly administrator: string
}

const lifetime = '24h'

/** Creates a signer of tokens that are valid for a day. */
export const tokenSigner =
  ({ secret, issuer, audience }: TokenMaker): SignToken =>
  async (userId, isAdministrator) => {
    const { SignJWT } = await import('jose')
    const token = new SignJWT(isAdministrator ? { scope: 'shop:admin' } : {})
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(lifetime)
    if (issuer !== undefined) token.setIssuer(issuer)
    if (audience !== undefined) token.setAudience(audience)
    return token.sign(new TextEncoder().encode(secret))
  }

/** Two tokens to try the server with: one of a demo user and one of an administrator. */
export const demoTokens = async (maker: TokenMaker): Promise<DemoTokens> => {
  const sign = tokenSigner(maker)
  const [userId] = demoUsers
  const [token, administrator] = await Promise.all([sign(userId, false), sign(administratorId, true)])
  return { user: { userId, token }, administrator }
}
