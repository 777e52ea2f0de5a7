import { ShopUnavailable } from '@shop/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { jwtAuthenticator } from '../../src/auth/authentication.js'
import { bearing } from './support/bearing.js'
import { publicJwk, serveKeySet, signedBy, signingKey } from './support/key-set.js'
import { serveShop } from './support/served-shop.js'

const bearer = (token: string) => `Bearer ${token}`

afterEach(() => {
  vi.useRealTimers()
})

describe('a key set', () => {
  test('that cannot be read makes the shop unavailable, not the token invalid', async () => {
    const token = bearer(await signedBy(await signingKey('ES256', 'first'), 'a'))
    const { url } = await serveKeySet(() => ({ status: 500, text: 'down' }))
    const broken = await serveKeySet(() => ({ status: 200, text: '<html>' }))
    for (const jwksUrl of [url, broken.url, 'http://127.0.0.1:2/keys'])
      await expect(jwtAuthenticator({ jwksUrl, anyIssuer: true }).authenticate(bearing(token))).rejects.toBeInstanceOf(
        ShopUnavailable,
      )
    const { call } = await serveShop({ deps: { authenticator: jwtAuthenticator({ jwksUrl: url, anyIssuer: true }) } })
    const answer = await call('GET', '/api/balance/a', { as: null, headers: { authorization: token } })
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'UNAVAILABLE', '1'])
  })

  test('is read again once it is available', async () => {
    const key = await signingKey('ES256', 'first')
    const text = JSON.stringify({ keys: [await publicJwk(key)] })
    let status = 500
    const { url } = await serveKeySet(() => ({ status, text }))
    const authenticator = jwtAuthenticator({ jwksUrl: url, anyIssuer: true })
    const token = bearer(await signedBy(key, 'a'))
    vi.useFakeTimers({ toFake: ['performance'] })
    await expect(authenticator.authenticate(bearing(token))).rejects.toThrow()
    status = 200
    vi.advanceTimersByTime(1_000)
    expect(await authenticator.authenticate(bearing(token))).toBeDefined()
  })

  test.each([
    [500, 'down'],
    [200, '<html>'],
  ])('that fails is read at most once a second, for any tokens: %i %s', async (status, text) => {
    const { url, asked } = await serveKeySet(() => ({ status, text }))
    const authenticator = jwtAuthenticator({ jwksUrl: url, anyIssuer: true })
    vi.useFakeTimers({ toFake: ['performance'] })
    for (const second of [1, 2]) {
      for (const kid of ['first', 'second', 'third']) {
        const token = bearer(await signedBy(await signingKey('ES256', kid), 'a'))
        await expect(authenticator.authenticate(bearing(token))).rejects.toBeInstanceOf(ShopUnavailable)
      }
      expect(asked()).toBe(second)
      vi.advanceTimersByTime(1_000)
    }
  })

  test('that is cached still works during the cooldown', async () => {
    const key = await signingKey('ES256', 'first')
    const text = JSON.stringify({ keys: [await publicJwk(key)] })
    let status = 200
    const { url, asked } = await serveKeySet(() => ({ status, text }))
    const authenticator = jwtAuthenticator({ jwksUrl: url, anyIssuer: true })
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    expect(await authenticator.authenticate(bearing(bearer(await signedBy(key, 'a'))))).toBeDefined()
    vi.advanceTimersByTime(60_000)
    status = 500
    const strange = await signingKey('ES256', 'strange')
    for (const sub of ['b', 'c', 'd']) {
      await expect(authenticator.authenticate(bearing(bearer(await signedBy(strange, sub))))).rejects.toThrow()
      expect(await authenticator.authenticate(bearing(bearer(await signedBy(key, sub))))).toBeDefined()
    }
    expect(asked()).toBe(2)
  })
})
