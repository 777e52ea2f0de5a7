import { portFault } from '../util/blocked-ports.js'
import { isLoopback } from '../util/loopback.js'

/** Claims of a verified token. */
export interface Claims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | string[]
  readonly jti?: string
  /** In seconds since 1970, like `exp` and `iat`. */
  readonly nbf?: number
  readonly exp?: number
  readonly iat?: number
  readonly [name: string]: unknown
}

export type MapSubject = (claims: Claims) => string | undefined

export interface JwtOptions {
  /**
   * HS256 secrets of at least 32 bytes each, surrounding whitespace not counted. Pass several while rotating
   * secrets.
   */
  readonly secret?: string | readonly string[] | undefined
  /** URL of a JWK set with public keys: https, or http on this machine. Requires `issuer` and `audience`. */
  readonly jwksUrl?: string | URL | undefined
  /** Required `iss` and `aud` of every token. Not checked if undefined. */
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /**
   * `true`: the key set signs tokens for this shop only, so `issuer` and `audience` may be omitted. A provider
   * with several customers signs the tokens of all of them with the same keys.
   */
  readonly anyIssuer?: boolean | undefined
  /** The user id of a genuine token's claims; undefined if they name no user. @default the claim `sub` */
  readonly mapSubject?: MapSubject | undefined
  /**
   * The claim with the id of the caller's shop, for a server of many shops. A token whose claim is not an id belongs to no
   * shop. @default none: callers belong to no shop
   */
  readonly shopClaim?: string | undefined
  /** In milliseconds since 1970. @default the system's clock */
  readonly now?: (() => number) | undefined
}

const minimumSecretBytes = 32

/** Secrets that are public: each appeared in a file of this project. */
const publishedSecrets = ['a-secret-for-this-machine-only-change-it', 'at least thirty-two bytes of chance']

/** The problem with a signing secret, if any. Surrounding whitespace does not count. */
export const secretFault = (text: string): string | undefined => {
  const secret = text.trim()
  if (Buffer.byteLength(secret) < minimumSecretBytes) return `must have at least ${minimumSecretBytes} bytes`
  if (publishedSecrets.includes(secret)) return 'is a published example: generate one with openssl rand -base64 32'
  return undefined
}

/** The problem with a key set URL, if any. Over http, an attacker on the network could substitute keys. */
export const keySetUrlFault = (text: string): string | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be an https:// URL'
  if (url.username !== '' || url.password !== '') return 'must not contain a user or a password'
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must be an https:// URL: http is allowed on this machine only'
  return portFault(url)
}

/** @throws TypeError that names the option */
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
    `${missing.join(' and ')} must be set with jwksUrl; otherwise any token signed by the key set is accepted (anyIssuer: true allows that)`,
  )
}
