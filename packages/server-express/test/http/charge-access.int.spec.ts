import { describe, expect, test } from 'vitest'
import { hostAuthenticator } from '../../src/auth/authentication.js'
import type { CallOptions } from './support/client.js'
import { serveShop } from './support/served-shop.js'

const provider = { as: 'provider', scope: 'shop:read shop:charge' }

const callers: Readonly<Record<string, CallOptions>> = {
  'an administrator': {},
  'a payment provider': provider,
  'the user': { as: 'mina' },
  'another user': { as: 'sora' },
  'another scope': { as: 'sora', scope: 'shop:charges shop:read' },
  nobody: { as: null },
}

const codesOf = async (chargeAccess: 'user' | 'administrator') => {
  const { call } = await serveShop({ deps: { chargeAccess } })
  const codes: Record<string, string> = {}
  for (const [name, options] of Object.entries(callers)) {
    const { body } = await call('POST', '/api/balance/charge', { ...options, body: { userId: 'mina', amount: 10 } })
    codes[name] = body.code ?? 'charged'
  }
  return codes
}

describe('charging', () => {
  test('is for each user itself, and for administrators', async () => {
    expect(await codesOf('user')).toEqual({
      'an administrator': 'charged',
      'a payment provider': 'FORBIDDEN',
      'the user': 'charged',
      'another user': 'FORBIDDEN',
      'another scope': 'FORBIDDEN',
      nobody: 'UNAUTHENTICATED',
    })
  })

  test('is for administrators and payment providers if only administrators may charge', async () => {
    expect(await codesOf('administrator')).toEqual({
      'an administrator': 'charged',
      'a payment provider': 'charged',
      'the user': 'FORBIDDEN',
      'another user': 'FORBIDDEN',
      'another scope': 'FORBIDDEN',
      nobody: 'UNAUTHENTICATED',
    })
  })

  test('is for a payment provider itself, as for every user', async () => {
    const { call } = await serveShop()
    const own = await call('POST', '/api/balance/charge', { ...provider, body: { userId: 'provider', amount: 10 } })
    expect(own.status).toBe(200)
  })

  test('is described as it is configured', async () => {
    const described = async (chargeAccess: 'user' | 'administrator') => {
      const { call } = await serveShop({ deps: { chargeAccess } })
      return (await call('GET', '/openapi.json', { as: null })).body.paths['/api/balance/charge'].post.description
    }
    expect(await described('user')).toBeUndefined()
    expect(await described('administrator')).toMatch(/shop:admin` or `shop:charge`/)
  })
})

describe('a payment provider', () => {
  test('may do nothing else of an administrator', async () => {
    const { call } = await serveShop({ deps: { chargeAccess: 'administrator' } })
    for (const [method, path] of [
      ['GET', '/api/admin/audit'],
      ['POST', '/api/admin/products/top/refresh'],
      ['GET', '/api/balance/mina'],
      ['GET', '/api/orders?userId=mina'],
    ] as const)
      expect((await call(method, path, provider)).body.code).toBe('FORBIDDEN')
  })

  test('is limited like a user', async () => {
    const { call } = await serveShop({ deps: { chargeAccess: 'administrator', rateLimit: 1 } })
    const charge = () => call('POST', '/api/balance/charge', { ...provider, body: { userId: 'mina', amount: 10 } })
    expect([(await charge()).status, (await charge()).status]).toEqual([200, 429])
  })

  test.each([
    [['shop:charge'], 200],
    [['shop:admin'], 200],
    [['shop:read'], 403],
    [undefined, 403],
  ])("of the host's own authentication has the scopes %o: %i", async (scopes, status) => {
    const authenticator = hostAuthenticator(() => ({ userId: 'provider', scopes }))
    const { call } = await serveShop({ deps: { chargeAccess: 'administrator', authenticator } })
    const answer = await call('POST', '/api/balance/charge', { body: { userId: 'mina', amount: 10 } })
    expect(answer.status).toBe(status)
  })
})
