import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { gatewayAuthenticator, jwtAuthenticator } from '../../src/auth/authentication.js'
import type { JwtOptions } from '../../src/auth/jwt-options.js'
import { bearing } from './support/bearing.js'
import { publicJwk, serveKeySet, signedBy, signingKey } from './support/key-set.js'
import { serveShop } from './support/served-shop.js'
import { secret, tokenFor } from './support/tokens.js'

const seconds = () => Math.floor(Date.now() / 1_000)
const own = jwtAuthenticator({ secret })
const bearer = (token: string) => `Bearer ${token}`

describe('a token signed with the shared secret', () => {
  test('identifies the user', async () => {
    expect(await own.authenticate(bearing(bearer(tokenFor('a'))))).toEqual({ userId: 'a', isAdministrator: false })
  })

  test.each([
    ['shop:admin', true],
    ['read shop:admin write', true],
    ['shop:administrator', false],
    ['', false],
  ])('with the scope "%s" is an administrator: %s', async (scope, isAdministrator) => {
    const caller = await own.authenticate(bearing(bearer(tokenFor('a', scope))))
    expect(caller).toMatchObject({ userId: 'a', isAdministrator })
  })

  test("is not an administrator's if scope is a list", async () => {
    const token = tokenFor('a', '', { claims: { scope: ['shop:admin'] } })
    expect(await own.authenticate(bearing(bearer(token)))).toMatchObject({ isAdministrator: false })
  })

  test.each(['bearer', 'BEARER'])('is accepted with the scheme %s', async (scheme) => {
    expect(await own.authenticate(bearing(`${scheme} ${tokenFor('a')}`))).toBeDefined()
  })

  test('is valid until the second it expires', async () => {
    for (const claims of [{ exp: seconds() - 1 }, { nbf: seconds() + 3 }]) {
      expect(await own.authenticate(bearing(bearer(tokenFor('a', '', { claims }))))).toBeUndefined()
    }
  })
})

describe('authentication refuses', () => {
  const bad: readonly (readonly [string, string | undefined])[] = [
    ['no header', undefined],
    ['an empty header', ''],
    ['the scheme alone', 'Bearer'],
    ['another scheme', `Basic ${tokenFor('a')}`],
    ['a token without its scheme', tokenFor('a')],
    ['two tokens', `Bearer ${tokenFor('a')}, Bearer ${tokenFor('a')}`],
    ['nonsense', 'Bearer nonsense'],
    ['four parts', `Bearer ${tokenFor('a')}.x`],
    ['a wrong key', bearer(tokenFor('a', '', { key: 'another secret, which is not the server’s' }))],
    ['alg none', bearer(tokenFor('a', '', { header: { alg: 'none' } }))],
    ['alg none without a signature', `Bearer ${tokenFor('a', '', { header: { alg: 'none' } }).replace(/[^.]*$/, '')}`],
    ['another algorithm', bearer(tokenFor('a', '', { header: { alg: 'HS512' } }))],
    ['a public-key algorithm', bearer(tokenFor('a', '', { header: { alg: 'RS256' } }))],
    ['no algorithm', bearer(tokenFor('a', '', { header: { alg: undefined } }))],
    ['a critical extension', bearer(tokenFor('a', '', { header: { crit: ['x'], x: 1 } }))],
    ['an expired token', bearer(tokenFor('a', '', { claims: { exp: seconds() - 60 } }))],
    ['a token without exp', bearer(tokenFor('a', '', { claims: { exp: undefined } }))],
    ['an exp that is no number', bearer(tokenFor('a', '', { claims: { exp: '9999999999' } }))],
    ['a token of the future', bearer(tokenFor('a', '', { claims: { nbf: seconds() + 60 } }))],
    ['no sub', bearer(tokenFor(undefined))],
  ]

  test.each(bad)('%s', async (_, authorization) => {
    expect(await own.authenticate(bearing(authorization))).toBeUndefined()
  })

  test('a changed payload with the old signature', async () => {
    const [header, , signature] = tokenFor('a').split('.')
    const [, payload] = tokenFor('b', 'shop:admin').split('.')
    expect(await own.authenticate(bearing(`Bearer ${header}.${payload}.${signature}`))).toBeUndefined()
  })

  test('a token that contains its own key', async () => {
    const key = await signingKey('ES256')
    const header = { alg: 'ES256', jwk: await publicJwk(key), jku: 'http://127.0.0.1:1/keys', kid: '../../dev/null' }
    expect(await own.authenticate(bearing(bearer(tokenFor('a', '', { header }))))).toBeUndefined()
  })

  test('invalid tokens without saying why', async () => {
    const { call } = await serveShop()
    const answers = await Promise.all(
      bad.map(([, authorization]) =>
        call('GET', '/api/balance/a', { as: null, headers: authorization === undefined ? {} : { authorization } }),
      ),
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code} ${body.detail}`)).size).toBe(1)
    for (const { headers } of answers) expect(headers['www-authenticate']).toMatch(/^Bearer/)
  })
})

describe('a valid token whose sub is not a user id', () => {
  const subs: readonly unknown[] = ['', 'a b', 'auth0|5f7c', 'mina@example.com', 'x'.repeat(65), 5]

  test.each(subs)('is refused with that reason: %j', async (sub) => {
    const { call } = await serveShop()
    const ask = (language: string) => {
      const headers = { authorization: bearer(tokenFor(sub)), 'accept-language': language }
      return call('GET', '/api/balance/a', { as: null, headers })
    }
    const { status, body, headers } = await ask('en')
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(body.detail).toMatch(/sub is not a user id.*1 to 64 characters/)
    expect(headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[^"]*\bsub\b[^"]*"$/)
    expect((await ask('ko')).body.detail).toMatch(/sub.*1~64/)
  })

  test('gets that reason only if its signature is valid', async () => {
    const { call } = await serveShop()
    const forged = tokenFor('a b', '', { key: 'another secret, which is not the server’s' })
    const answer = await call('GET', '/api/balance/a', { as: null, headers: { authorization: bearer(forged) } })
    expect([answer.status, answer.body.detail]).toEqual([401, 'A valid bearer token is required.'])
  })
})

describe('an authenticator refuses', () => {
  const jwksUrl = 'https://keys.example/jwks'
  const [issuer, audience] = ['https://login.example', 'shop']

  test.each<[what: string, options: JwtOptions, message: RegExp]>([
    ['a key set without an issuer and an audience', { jwksUrl }, /^issuer and audience must be set.*anyIssuer: true/],
    ['a key set without an issuer', { jwksUrl, audience }, /^issuer must be set/],
    ['a key set with an empty audience', { jwksUrl, issuer, audience: '' }, /^audience must be set/],
    ['a key set over http', { jwksUrl: 'http://keys.example/', issuer, audience }, /^jwksUrl must be an https:/],
    ['a key set in a file', { jwksUrl: 'file:///keys', issuer, audience }, /^jwksUrl must be/],
    ['a short secret', { secret: 'x'.repeat(31) }, /^secret must have at least 32 bytes/],
    ['a secret of blanks', { secret: ' '.repeat(32) }, /^secret must have at least 32 bytes/],
    ['a secret of which one is short', { secret: [secret, 'short'] }, /^secret must have/],
    ['a secret that was published', { secret: 'a-secret-for-this-machine-only-change-it' }, /published example/],
    ['a secret of an example', { secret: 'at least thirty-two bytes of chance' }, /published example/],
  ])('%s', (_, options, message) => {
    expect(() => jwtAuthenticator(options)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) }),
    )
  })

  test('neither a key set with anyIssuer, nor http on this machine', () => {
    expect(() => jwtAuthenticator({ jwksUrl, anyIssuer: true })).not.toThrow()
    expect(() => jwtAuthenticator({ jwksUrl: 'http://127.0.0.1:8080/keys', issuer, audience })).not.toThrow()
  })
})

test('issuer and audience are checked if they are set', async () => {
  const strict = jwtAuthenticator({ secret, issuer: 'https://login.example', audience: 'shop' })
  const known = async (claims: object) =>
    (await strict.authenticate(bearing(bearer(tokenFor('a', '', { claims }))))) !== undefined
  expect(await known({ iss: 'https://login.example', aud: ['other', 'shop'] })).toBe(true)
  expect(await known({ iss: 'https://login.example' })).toBe(false)
  expect(await known({ iss: 'https://evil.example', aud: 'shop' })).toBe(false)
})

test('two secrets are accepted during a rotation', async () => {
  const next = 'the next secret, which also has 32 bytes'
  const rotating = jwtAuthenticator({ secret: [next, secret] })
  expect(await rotating.authenticate(bearing(bearer(tokenFor('a'))))).toBeDefined()
  expect(await rotating.authenticate(bearing(bearer(tokenFor('a', '', { key: next }))))).toBeDefined()
})

test('a cached token is refused once it expires', async () => {
  let now = Date.now()
  const authenticator = jwtAuthenticator({ secret, now: () => now })
  const token = bearer(tokenFor('a', '', { claims: { exp: Math.floor(now / 1_000) + 60 } }))
  expect(await authenticator.authenticate(bearing(token))).toBeDefined()
  now += 58_000
  expect(await authenticator.authenticate(bearing(token))).toBeDefined()
  now += 2_000
  expect(await authenticator.authenticate(bearing(token))).toBeUndefined()
})

describe('a key set', () => {
  test.each(['RS256', 'ES256', 'EdDSA'])('verifies %s, and is fetched once', async (alg) => {
    const key = await signingKey(alg, 'first')
    const text = JSON.stringify({ keys: [await publicJwk(key)] })
    const { url, asked } = await serveKeySet(() => ({ status: 200, text }))
    const authenticator = jwtAuthenticator({ jwksUrl: url, anyIssuer: true })
    for (const sub of ['a', 'b', 'a'])
      expect(await authenticator.authenticate(bearing(bearer(await signedBy(key, sub))))).toMatchObject({ userId: sub })
    expect(asked()).toBe(1)
  })

  test('with several keys of one type finds the right one without a kid', async () => {
    const keys = [await signingKey('ES256'), await signingKey('ES256')]
    const text = JSON.stringify({ keys: await Promise.all(keys.map(publicJwk)) })
    const { url } = await serveKeySet(() => ({ status: 200, text }))
    const authenticator = jwtAuthenticator({ jwksUrl: url, anyIssuer: true })
    for (const key of keys)
      expect(await authenticator.authenticate(bearing(bearer(await signedBy(key, 'a'))))).toBeDefined()
    expect(
      await authenticator.authenticate(bearing(bearer(await signedBy(await signingKey('ES256'), 'a')))),
    ).toBeUndefined()
  })

  test('refuses an unknown key, and a secret derived from a public key', async () => {
    const key = await signingKey('RS256', 'first')
    const jwk = await publicJwk(key)
    const { url } = await serveKeySet(() => ({ status: 200, text: JSON.stringify({ keys: [jwk] }) }))
    const authenticator = jwtAuthenticator({ jwksUrl: url, anyIssuer: true })
    expect(
      await authenticator.authenticate(bearing(bearer(await signedBy(await signingKey('RS256', 'first'), 'a')))),
    ).toBeUndefined()
    expect(
      await authenticator.authenticate(bearing(bearer(await signedBy(await signingKey('RS256', 'other'), 'a')))),
    ).toBeUndefined()
    const confused = tokenFor('a', '', { header: { kid: 'first' }, key: JSON.stringify(jwk) })
    expect(await authenticator.authenticate(bearing(bearer(confused)))).toBeUndefined()
  })

  test('withdraws a key within five minutes, also for cached tokens', async () => {
    const [old, next] = [await signingKey('ES256', 'old'), await signingKey('ES256', 'next')]
    const sets = await Promise.all([old, next].map(async (key) => JSON.stringify({ keys: [await publicJwk(key)] })))
    let [text = ''] = sets
    const { url } = await serveKeySet(() => ({ status: 200, text }))
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const withdrawnAt = Date.now()
    const authenticator = jwtAuthenticator({ jwksUrl: url, anyIssuer: true })
    const tokens = await Promise.all(Array.from({ length: 16 }, (_, user) => signedBy(old, `user-${user}`)))
    expect(await authenticator.authenticate(bearing(bearer(tokens[0] as string)))).toBeDefined()
    text = sets[1] as string
    let lastPassed = 0
    // Sends a new token each minute. The last accepted one was first cached just before the old key set expired.
    for (let seconds = 0; seconds <= 900; seconds += 10) {
      vi.setSystemTime(withdrawnAt + seconds * 1_000)
      for (const token of tokens.slice(0, 1 + seconds / 60)) {
        if (await authenticator.authenticate(bearing(bearer(token)))) lastPassed = seconds
      }
    }
    expect(lastPassed).toBeGreaterThan(0)
    expect(lastPassed).toBeLessThan(300)
  })

  test('can be combined with a secret', async () => {
    const key = await signingKey('ES256', 'first')
    const text = JSON.stringify({ keys: [await publicJwk(key)] })
    const { url } = await serveKeySet(() => ({ status: 200, text }))
    const both = jwtAuthenticator({ secret, jwksUrl: url, anyIssuer: true })
    expect(await both.authenticate(bearing(bearer(tokenFor('a'))))).toBeDefined()
    expect(await both.authenticate(bearing(bearer(await signedBy(key, 'a'))))).toBeDefined()
  })
})

test('behind a gateway every caller is an administrator', async () => {
  const { call } = await serveShop({ deps: { auth: 'off', authenticator: gatewayAuthenticator() } })
  const made = await call('POST', '/api/admin/products', { as: null, body: { name: 'x', price: 1, stock: 1 } })
  expect(made.status).toBe(201)
  expect((await call('POST', '/api/balance/charge', { as: null, body: { userId: 'a', amount: 1 } })).status).toBe(200)
  expect((await call('GET', '/api/orders', { as: null })).status).toBe(200)
})
