import type { JWTPayload } from 'jose'
import { portFault } from '../util/blocked-ports.js'
import { isLoopback } from '../util/loopback.js'

/** Claims of a verified token. */
export type Claims = JWTPayload

export type MapSubject = (claims: Claims) => string | undefined

export interface JwtOptions {
  /** HS256. Each has at least 32 bytes, blanks around it not counted; more than one while they are being rotated. */
  readonly secret?: string | readonly string[] | undefined
  /** A JWK set with public keys: https, or http on this machine. With it, `issuer` and `audience` are required. */
  readonly jwksUrl?: string | URL | undefined
  /** `iss` and `aud` of every token; not checked where they are not set. */
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /**
   * `true`: the key set signs for this shop alone, so `issuer` and `audience` may be left out. A provider that others share
   * signs tokens for them with the same keys.
   */
  readonly anyIssuer?: boolean | undefined
  /** The user id of a genuine token's claims; undefined if they name no user. @default the claim `sub` */
  readonly mapSubject?: MapSubject | undefined
  /** In milliseconds since 1970. @default the system's clock */
  readonly now?: (() => number) | undefined
}

const minimumSecretBytes = 32

/** Everybody can read these: each stood in a file of this project. */
const publishedSecrets = ['a-secret-for-this-machine-only-change-it', 'at least thirty-two bytes of chance']

/** What is wrong with a signing secret, if anything. Blanks around it are no secret. */
export const secretFault = (text: string): string | undefined => {
  const secret = text.trim()
  if (Buffer.byteLength(secret) < minimumSecretBytes) return `must have at least ${minimumSecretBytes} bytes`
  if (publishedSecrets.includes(secret))
    return 'is an example that everybody can read: make one with openssl rand -base64 32'
  return undefined
}

/** What is wrong with the URL of a key set, if anything. Over http, somebody in between can put in keys of their own. */
export const keySetUrlFault = (text: string): string | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be an https:// URL'
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password'
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must be an https:// URL: http is for this machine only'
  return portFault(url)
}

/** @throws TypeError that names the option. */
export const checkJwtOptions = ({ secret = [], jwksUrl, issuer, audience, anyIssuer = false }: JwtOptions): void => {
  for (const each of typeof secret === 'string' ? [secret] : secret) {
    const fault = secretFault(each)
    if (fault !== undefined) throw new TypeError(`secret ${fault}`)
  }
  if (jwksUrl === undefined) return
  const fault = keySetUrlFault(String(jwksUrl))
  if (fault !== undefined) throw new TypeError(`jwksUrl ${fault}`)
  const missing = Object.entries({ issuer, audience }).flatMap(([name, value]) => (value ? [] : [name]))
  if (anyIssuer || missing.length === 0) return
  throw new TypeError(
    `${missing.join(' and ')} must be set with jwksUrl, or a token that the key set signs for anybody is accepted (anyIssuer: true allows that)`,
  )
}
