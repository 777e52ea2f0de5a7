import { createHash } from 'node:crypto'
import { isId, isShopUnavailable, ShopUnavailable } from '@shop/core'
import type { Request } from 'express'
import {
  type CryptoKey,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type FlattenedJWSInput,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../http/caller.js'
import type { Authenticator } from '../http/http-deps.js'
import { unauthenticated } from '../http/problem.js'
import { fetchKeySet } from './fetch-key-set.js'
import { checkJwtOptions, type JwtOptions, type MapSubject } from './jwt-options.js'

const publicKeyAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

const maxTokens = 20_000
/**
 * A verified token is cached this long, and a key set this long. After a key is withdrawn, its tokens stay
 * accepted for at most both times together.
 */
const maxTrustMs = 120_000
const maxKeySetAgeMs = 120_000

const administratorScope = 'shop:admin'

const unusableSubject = () =>
  unauthenticated('Bearer error="invalid_token", error_description="sub is not a user id"', {
    en: 'The token is valid, but its sub is not a user id: 1 to 64 characters of A-Z a-z 0-9 _ . : -',
    ko: '토큰의 sub 값이 올바른 사용자 ID가 아닙니다. 영문자, 숫자, _ . : - 로 이루어진 1~64자여야 합니다',
  })

const unusableUserId = () =>
  unauthenticated('Bearer', {
    en: 'The caller is known, but has no valid user id: 1 to 64 characters of A-Z a-z 0-9 _ . : -',
    ko: '호출자는 확인되었지만 사용자 ID가 올바르지 않습니다. 영문자, 숫자, _ . : - 로 이루어진 1~64자여야 합니다',
  })

const notSignedIn = () => unauthenticated('Bearer', { en: 'You are not signed in.', ko: '로그인이 필요합니다' })

interface KnownUser {
  readonly userId: string
  readonly scopes: readonly string[]
  readonly isAdministrator?: boolean | undefined
  /** Not checked yet. */
  readonly shopId?: unknown
}

const knownCaller = ({ userId, scopes, isAdministrator = false, shopId }: KnownUser): Caller => ({
  userId,
  isAdministrator: isAdministrator || scopes.includes(administratorScope),
  ...(scopes.length > 0 && { scopes }),
  ...(isId(shopId) && { shopId }),
})

const callerOf = (claims: JWTPayload, mapSubject: MapSubject, shopClaim: string | undefined): Caller => {
  const userId = mapSubject(claims)
  if (!isId(userId)) throw unusableSubject()
  const { scope } = claims
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
  return knownCaller({ userId, scopes, shopId: shopClaim === undefined ? undefined : claims[shopClaim] })
}

/** Keys of the same length for every token. */
const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64')

const secretKey = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])

/** Errors about the token, as opposed to a key set that cannot be read. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

/** After a failure, the key set is not read again for this long: anyone can send tokens that would trigger a read. */
const cooldownMs = 1_000

const remoteKeys = (url: URL): JWTVerifyGetKey => {
  let failure: unknown
  let coolsDownUntil = 0
  const fetchUnlessCoolingDown: FetchImplementation = async (...args) => {
    if (performance.now() < coolsDownUntil) throw failure
    return fetchKeySet(...args)
  }
  const keys = createRemoteJWKSet(url, { cacheMaxAge: maxKeySetAgeMs, [customFetch]: fetchUnlessCoolingDown })
  return async (header: JWTHeaderParameters, token: FlattenedJWSInput) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (isAboutToken(error)) throw error
      if (error !== failure) coolsDownUntil = performance.now() + cooldownMs
      failure = error
      throw new ShopUnavailable('the key set cannot be read', { cause: error })
    }
  }
}

type Verify = (token: string) => Promise<JWTPayload | undefined>

/** Undefined for an invalid token. Throws only if the key set could not be used to check it. */
const payloadOrUndefined = async (verified: Promise<{ payload: JWTPayload }>): Promise<JWTPayload | undefined> => {
  try {
    return (await verified).payload
  } catch (error) {
    if (isShopUnavailable(error) || error instanceof errors.JWKSMultipleMatchingKeys) throw error
    return undefined
  }
}

const firstPayload = async (
  token: string,
  keys: AsyncIterable<CryptoKey> | Iterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTPayload | undefined> => {
  for await (const key of keys) {
    const payload = await payloadOrUndefined(jwtVerify(token, key, options))
    if (payload) return payload
  }
  return undefined
}

const secretVerifier = (secrets: readonly string[], options: () => JWTVerifyOptions): Verify => {
  const keys = Promise.all(secrets.map(secretKey))
  return async (token) => firstPayload(token, await keys, { ...options(), algorithms: ['HS256'] })
}

const keySetVerifier = (url: string | URL, options: () => JWTVerifyOptions): Verify => {
  const keys = remoteKeys(new URL(url))
  return async (token) => {
    const checks = { ...options(), algorithms: publicKeyAlgorithms }
    try {
      return await payloadOrUndefined(jwtVerify(token, keys, checks))
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      return firstPayload(token, error, checks)
    }
  }
}

const scheme = 'bearer '
const maxTokenLength = 4_096

// Base64url allows unused bits in the last character of a part. They must be 0, so that a token has exactly one
// spelling.
const tokenPart = String.raw`(?:[\w-]{4})*(?:[\w-]{4}|[\w-]{2}[AEIMQUYcgkosw048]|[\w-][AQgw])`
const compactForm = new RegExp(String.raw`^${tokenPart}\.${tokenPart}\.${tokenPart}$`)

/** The bearer token of an Authorization header. Undefined if it has none, or one that is too long. */
const bearerOf = (authorization: string | undefined): string | undefined => {
  if (authorization?.slice(0, scheme.length).toLowerCase() !== scheme) return undefined
  const token = authorization.slice(scheme.length).replace(/^ +/, '')
  return token.length <= maxTokenLength ? token : undefined
}

/**
 * Authenticates callers by JWT. `sub` is the user id; the scope `shop:admin` makes an administrator, and `shop:charge` a
 * payment provider.
 * Checks the signature, the algorithm, `exp` and `nbf`, and issuer and audience if they are set. Of the header
 * it reads only `alg`, and `kid` to select a key of the configured key set.
 * Rejects with ShopUnavailable if the key set cannot be read. Refuses with a specific detail if a valid token
 * has a `sub` that is not a user id. (seed 002, B121–B123)
 * @throws TypeError for a secret or a key set URL that is not safe.
 */
export const jwtAuthenticator = (options: JwtOptions): Authenticator => {
  checkJwtOptions(options)
  const { secret = [], jwksUrl, issuer, audience, now = Date.now, mapSubject = ({ sub }) => sub, shopClaim } = options
  const checks = (): JWTVerifyOptions => ({
    requiredClaims: ['exp', 'sub'],
    currentDate: new Date(now()),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  })
  const secrets = typeof secret === 'string' ? [secret] : secret
  const verifiers: Verify[] = []
  if (secrets.length > 0) verifiers.push(secretVerifier(secrets, checks))
  if (jwksUrl !== undefined) verifiers.push(keySetVerifier(jwksUrl, checks))
  const verified = new LRUCache<string, { readonly caller: Caller; readonly until: number }>({ max: maxTokens })

  return {
    async authenticate({ headers }) {
      const token = bearerOf(headers.authorization)
      if (token === undefined) return undefined
      const key = keyOf(token)
      const known = verified.get(key)
      if (known && now() < known.until) return known.caller
      if (!compactForm.test(token)) return undefined
      for (const verify of verifiers) {
        const payload = await verify(token)
        if (!payload) continue
        const caller = callerOf(payload, mapSubject, shopClaim)
        const expires = (payload.exp ?? 0) * 1_000
        verified.set(key, { caller, until: Math.min(expires, now() + maxTrustMs) })
        return caller
      }
      return undefined
    },
  }
}

/** What `authenticate` of a host returns for a known caller. */
export interface HostCaller {
  /** A user id: 1 to 64 characters of A-Z a-z 0-9 _ . : -, and neither . nor .. */
  readonly userId: string
  /** `admin` makes an administrator; other roles mean nothing here. @default [] */
  readonly roles?: readonly string[] | undefined
  /** Scopes as in a token: `shop:admin` makes an administrator, `shop:charge` a payment provider. @default [] */
  readonly scopes?: readonly string[] | undefined
  /** The id of the caller's shop, on a server of many shops. Without it the caller may call none. @default none */
  readonly shopId?: string | undefined
}

/** The whole request is there: cookies, sessions, `request.user` of passport. */
export type AuthenticateRequest = (request: Request) => HostCaller | undefined | Promise<HostCaller | undefined>

/** Finds the caller with a function of the host. Refuses an unknown caller: UNAUTHENTICATED. */
export const hostAuthenticator = (authenticate: AuthenticateRequest): Authenticator => ({
  async authenticate(request) {
    const caller = await authenticate(request)
    if (!caller) throw notSignedIn()
    if (!isId(caller.userId)) throw unusableUserId()
    const { userId, scopes = [], roles, shopId } = caller
    return knownCaller({ userId, scopes, isAdministrator: roles?.includes('admin'), shopId })
  },
})

/** For a server behind an authenticating gateway: every caller is an administrator. */
export const gatewayAuthenticator = (): Authenticator => {
  const caller: Caller = { userId: 'anonymous', isAdministrator: true }
  return { authenticate: async () => caller }
}
