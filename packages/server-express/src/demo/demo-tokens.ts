import { demoUsers } from './catalogue.js'

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

/** Tokens to paste: one of a demo user, one of an administrator. */
export const demoTokens = async ({ secret, issuer, audience }: TokenMaker): Promise<DemoTokens> => {
  const { SignJWT } = await import('jose')
  const key = new TextEncoder().encode(secret)
  const sign = (subject: string, claims: Record<string, string>) => {
    const token = new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime(lifetime)
    if (issuer !== undefined) token.setIssuer(issuer)
    if (audience !== undefined) token.setAudience(audience)
    return token.sign(key)
  }
  const [userId] = demoUsers
  const [token, administrator] = await Promise.all([sign(userId, {}), sign('administrator', { scope: 'shop:admin' })])
  return { user: { userId, token }, administrator }
}
