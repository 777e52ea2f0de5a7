import { describe, expect, test } from 'vitest'
import { gatewayAuthenticator } from '../../src/auth/authentication.js'
import type { CallOptions, CallShop } from './support/client.js'
import { type ServeOptions, serveShop } from './support/served-shop.js'

const limited = async (rateLimit: number, deps: ServeOptions['deps'] = {}) => {
  const served = await serveShop({ deps: { rateLimit, ...deps } })
  const charge = (userId: string, options: CallOptions = {}) =>
    served.call('POST', '/api/balance/charge', { as: userId, body: { userId, amount: 1 }, ...options })
  return { ...served, charge }
}

const statusesOf = async (...requests: readonly (() => ReturnType<CallShop>)[]): Promise<readonly number[]> => {
  const statuses: number[] = []
  for (const request of requests) statuses.push((await request()).status)
  return statuses
}

describe('writes are limited', () => {
  test('for each user', async () => {
    const { call, charge } = await limited(2)
    const [a, b] = [() => charge('a'), () => charge('b')]
    expect(await statusesOf(a, a, b, a, b, b)).toEqual([200, 200, 200, 429, 200, 429])
    expect((await call('GET', '/api/balance/a', { as: 'a' })).status).toBe(200)
  })

  test('and not for administrators, nor behind a gateway that has authenticated', async () => {
    const { call } = await limited(1)
    const create = () => call('POST', '/api/admin/products', { body: { name: 'x', price: 1, stock: 1 } })
    expect(await statusesOf(create, create, create)).toEqual([201, 201, 201])
    const open = await limited(1, { auth: 'off', authenticator: gatewayAuthenticator() })
    const charge = () => open.charge('a', { as: null })
    expect(await statusesOf(charge, charge, charge)).toEqual([200, 200, 200])
  })

  test('with those that were refused, and a known caller still gets the reason', async () => {
    const { charge } = await limited(2)
    const right = () => charge('a')
    const forbidden = () => charge('a', { body: { userId: 'other', amount: 1 } })
    const invalid = () => charge('a', { body: { userId: 'a', amount: 'x' } })
    expect(await statusesOf(forbidden, invalid, right, forbidden, invalid, right)).toEqual([
      403, 400, 429, 403, 400, 429,
    ])
  })

  test.each<[string, number, CallOptions]>([
    ['have no token', 401, { as: null }],
    ['have a wrong token', 401, { headers: { authorization: 'Bearer wrong' } }],
    ['are too large', 413, { raw: ' '.repeat(102_401) }],
    ['are no JSON', 415, { raw: 'x', headers: { 'content-type': 'text/plain' } }],
  ])('by address, for requests that %s', async (_, status, options) => {
    const { charge } = await limited(2)
    const bad = () => charge('a', options)
    expect(await statusesOf(bad, bad, bad, bad)).toEqual([status, status, 429, 429])
    expect((await charge('a')).status).toBe(200)
  })

  test('by address where anybody may write, whatever a user is called', async () => {
    const demo = { signIn: 'token', signToken: async () => 'token', rushes: {} } as never
    const { call, charge } = await limited(1, { demo, trustProxy: 1 })
    const signIn = (address: string) => () =>
      call('POST', '/api/demo/sign-in', {
        as: null,
        headers: { 'x-forwarded-for': address },
        body: { userId: 'demo-mina' },
      })
    const anonymous = () => charge('anonymous')
    expect(await statusesOf(anonymous, signIn('10.0.0.1'), signIn('10.0.0.2'), signIn('10.0.0.1'), anonymous)).toEqual([
      200, 200, 200, 429, 429,
    ])
  })

  test('with an answer that says how long to wait', async () => {
    const { charge } = await limited(1)
    await charge('a')
    const { headers, body } = await charge('a')
    expect(body.code).toBe('RATE_LIMITED')
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60)
  })
})

describe('addresses', () => {
  const refused = (charge: Awaited<ReturnType<typeof limited>>['charge'], address: string) => () =>
    charge('a', { as: null, headers: { 'x-forwarded-for': address } })

  test.each([
    ['garbage', ["' or 1=1--", 'unknown', '_hidden', '999.1.1.1', '1.2.3', 'x'.repeat(500)]],
    ['ports', ['10.0.0.1', '10.0.0.1:80', '10.0.0.1:65535', '::ffff:10.0.0.1', '[::ffff:10.0.0.1]:8080']],
    ['IPv6 addresses of one network', ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '[2001:db8:1:2::3]:443']],
    ['zones', ['fe80::1', 'fe80::2%eth0', 'fe80::3%x']],
  ])('that differ in %s only are one', async (_, addresses) => {
    const { charge } = await limited(1, { trustProxy: 1 })
    expect(await statusesOf(...addresses.map((address) => refused(charge, address)))).toEqual(
      addresses.map((_, index) => (index === 0 ? 401 : 429)),
    )
  })

  test('of others are others', async () => {
    const { charge } = await limited(1, { trustProxy: 1 })
    const addresses = ['10.0.0.1', '10.0.0.2', '2001:db8:1:2::1', '2001:db8:1:3::1', 'garbage']
    expect(await statusesOf(...addresses.map((address) => refused(charge, address)))).toEqual([401, 401, 401, 401, 401])
  })

  test('of a proxy that is not trusted are not believed, and the log says so once', async () => {
    const { charge, log } = await limited(1)
    expect(await statusesOf(refused(charge, '10.0.0.1'), refused(charge, '10.0.0.2'))).toEqual([401, 429])
    expect(log().split('X-Forwarded-For is present')).toHaveLength(2)
  })
})

describe('reads', () => {
  test.each([
    ['of everybody', '/api/products', 200],
    ['with a wrong token', '/api/orders?userId=a', 401],
    ['that are malformed', '/api/products?page=x', 400],
  ])('%s are limited by address, to ten times as many', async (_, path, status) => {
    const { call, charge } = await limited(1)
    const read = () => call('GET', path, { as: null })
    expect(await statusesOf(...Array.from({ length: 11 }, () => read))).toEqual([...Array(10).fill(status), 429])
    expect(Number((await read()).headers['retry-after'])).toBeGreaterThan(0)
    expect(await statusesOf(() => charge('a'))).toEqual([200])
    expect((await call('GET', '/api/balance/a', { as: 'a' })).status).toBe(200)
  })

  test('of monitoring are not limited', async () => {
    const { call } = await limited(1)
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect(new Set(await statusesOf(...Array.from({ length: 20 }, () => () => call('GET', path))))).toEqual(
        new Set([200]),
      )
  })
})
