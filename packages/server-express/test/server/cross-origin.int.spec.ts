import { describe, expect, test } from 'vitest'
import { host } from './support/host.js'

const secret = 'a secret of at least 32 bytes, for tests'

describe('CORS', () => {
  const origin = 'https://shop.example'
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }

  test('a page of a named origin may call, and read our headers', async () => {
    const { call } = await host({ auth: { secret }, corsOrigins: [origin] })
    const asked = await call('OPTIONS', '/shop/api/orders', undefined, { origin, ...preflight })
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization')
    const read = await call('GET', '/shop/api/products/none', undefined, { origin })
    expect(read.status).toBe(404)
    expect(read.headers.get('access-control-allow-origin')).toBe(origin)
    expect(read.headers.get('access-control-expose-headers')).toContain('idempotent-replayed')
    expect(read.headers.get('access-control-allow-credentials')).toBeNull()
    expect(read.headers.get('vary')?.toLowerCase()).toMatch(/origin.*accept-language/)
  })

  test('other origins, and OPTIONS that is no preflight, get nothing', async () => {
    const { call } = await host({ auth: { secret }, corsOrigins: [origin] })
    for (const other of ['https://evil.example', 'https://shop.example.evil.example', 'null']) {
      const read = await call('GET', '/shop/api/products', undefined, { origin: other })
      expect(read.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await call('OPTIONS', '/shop/api/orders', undefined, { origin })).status).toBe(405)
  })
})

test('publicUrl stands in front of Location and of problem types', async () => {
  const { call } = await host({ auth: 'off', authOffIsSafe: true, publicUrl: 'https://www.example/store/' })
  const made = await call('POST', '/shop/api/users', { userId: 'mina' })
  expect(made.headers.get('location')).toBe('https://www.example/store/api/balance/mina')
  const again = await call('POST', '/shop/api/users', { userId: 'mina' })
  expect(again.body.type).toBe('https://www.example/store/docs/problems#USER_ALREADY_EXISTS')
})
