import { describe, expect, test } from 'vitest'
import { hostAuthenticator } from '../../../src/auth/authentication.js'
import type { CallOptions } from '../support/client.js'
import { serveShop } from '../support/served-shop.js'
import { worldOf } from '../support/world.js'

const routes = {
  charge: '/api/balance/charge',
  grant: '/api/admin/balance/grant',
  withdraw: '/api/admin/balance/withdraw',
  adjust: '/api/admin/balance/adjust',
} as const

const bodies = {
  charge: { userId: 'mina', amount: 5 },
  grant: { userId: 'mina', amount: 5 },
  withdraw: { userId: 'mina', amount: 5 },
  adjust: { userId: 'mina', change: 5, reason: 'counted again' },
} as const

type Route = keyof typeof routes

const served = async (balance = 1_000, options: Parameters<typeof serveShop>[0] = {}) => {
  const shop = await serveShop(options)
  const userId = await worldOf(shop.call).user(balance)
  const post = (route: Route, over: object = {}, sent: CallOptions = {}) =>
    shop.call('POST', routes[route], { ...sent, body: { ...bodies[route], userId, ...over } })
  const read = async () => (await shop.call('GET', `/api/balance/${userId}`, { as: userId })).body
  const history = async () => (await shop.call('GET', `/api/balance/${userId}/history`, { as: userId })).body.entries
  return { ...shop, userId, post, read, history }
}

const tooLong = 'x'.repeat(201)
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, 'x']))

describe('a malformed request', () => {
  test.each<[route: Route, over: object, path: string]>([
    ['grant', { amount: 0 }, 'amount'],
    ['grant', { amount: -5 }, 'amount'],
    ['grant', { amount: 1.5 }, 'amount'],
    ['grant', { amount: '5' }, 'amount'],
    ['grant', { amount: 2 ** 53 }, 'amount'],
    ['grant', { expiresAt: 'tomorrow' }, 'expiresAt'],
    ['grant', { expiresAt: '2999-01-01' }, 'expiresAt'],
    ['grant', { expiresAt: '2999-01-01T00:00Z' }, 'expiresAt'],
    ['grant', { expiresAt: '2999-02-30T00:00:00Z' }, 'expiresAt'],
    ['grant', { expiresAt: '1969-12-31T00:00:00Z' }, 'expiresAt'],
    ['grant', { expiresAt: 32_472_144_000_000 }, 'expiresAt'],
    ['grant', { expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    ['grant', { lotId: 'mine' }, 'lotId'],
    ['grant', { reason: '' }, 'reason'],
    ['grant', { reason: null }, 'reason'],
    ['grant', { reason: tooLong }, 'reason'],
    ['withdraw', { amount: 0 }, 'amount'],
    ['withdraw', { amount: null }, 'amount'],
    ['withdraw', { reason: 'a\0b' }, 'reason'],
    ['withdraw', { reason: '\ud800' }, 'reason'],
    ['withdraw', { expiresAt: '2999-01-01T00:00:00Z' }, 'expiresAt'],
    ['adjust', { change: 0 }, 'change'],
    ['adjust', { change: -0 }, 'change'],
    ['adjust', { change: 0.5 }, 'change'],
    ['adjust', { change: -(2 ** 53) }, 'change'],
    ['adjust', { change: undefined }, 'change'],
    ['adjust', { reason: undefined }, 'reason'],
    ['adjust', { reason: '' }, 'reason'],
    ['adjust', { reason: tooLong }, 'reason'],
    ['adjust', { metadata: {} }, 'metadata'],
    ['adjust', { amount: 5 }, 'amount'],
    ['charge', { reason: 'a' }, 'reason'],
    ['charge', { metadata: null }, 'metadata'],
    ['charge', { metadata: ['a'] }, 'metadata'],
    ['charge', { metadata: 'a' }, 'metadata'],
    ['charge', { metadata: { a: 1 } }, 'metadata'],
    ['charge', { metadata: { a: null } }, 'metadata'],
    ['charge', { metadata: { a: { b: 'c' } } }, 'metadata'],
    ['charge', { metadata: { 'a b': 'c' } }, 'metadata'],
    ['charge', { metadata: { '': 'c' } }, 'metadata'],
    ['charge', { metadata: { [tooLong.slice(0, 41)]: 'c' } }, 'metadata'],
    ['charge', { metadata: { a: 'x'.repeat(501) } }, 'metadata'],
    ['charge', { metadata: { a: '\0' } }, 'metadata'],
    ['charge', { metadata: keys(21) }, 'metadata'],
    ['charge', { metadata: Object.fromEntries([1, 2, 3].map((n) => [`key-${n}`, '가'.repeat(480)])) }, 'metadata'],
  ])('%s %j has an error at %s, and moves nothing', async (route, over, path) => {
    const { post, read, userId } = await served()
    const { status, body } = await post(route, over)
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST'])
    expect([...new Set(body.errors.map((error: { path: string }) => error.path))]).toEqual([path])
    expect(await read()).toEqual({ userId, balance: 1_000 })
  })
})

describe('metadata', () => {
  test.each([
    { 'a.b-c_D': '값' },
    keys(20),
    { a: '' },
    { a: '👍'.repeat(500) },
    JSON.parse('{"__proto__":"x","constructor":"y"}'),
  ])('is shown with the entry as it was sent: %j', async (metadata) => {
    const { post, history, call } = await served()
    const { body } = await post('charge', { metadata, reference: 'ref-1' })
    expect(JSON.stringify((await history())[0].metadata)).toBe(JSON.stringify(metadata))
    const { text } = await call('GET', '/api/admin/entries?reference=ref-1')
    expect(JSON.parse(text).entries[0].entryId).toBe(body.entryId)
    expect(text).toContain(JSON.stringify(metadata))
  })

  test('without a key is not shown', async () => {
    const { post, history } = await served()
    expect((await post('charge', { metadata: {} })).status).toBe(200)
    expect((await history())[0]).not.toHaveProperty('metadata')
  })
})

describe('bonus money', () => {
  test('is granted, shown while it lives, and cannot be withdrawn', async () => {
    const { post, read, history, userId, clock } = await served()
    const expiresAt = new Date(clock.now() + 60_000).toISOString()
    const { status, body } = await post('grant', { amount: 300, expiresAt, reason: '환영합니다' })
    expect([status, body]).toEqual([200, { userId, balance: 1_300, entryId: body.entryId, lotId: expect.any(String) }])
    const bonus = [{ lotId: body.lotId, amount: 300, expiresAt }]
    expect(await read()).toEqual({ userId, balance: 1_300, withdrawable: 1_000, bonus })
    expect((await history())[0]).toMatchObject({ kind: 'grant', amount: 300, bonusAmount: 300, reason: '환영합니다' })
    const refused = await post('withdraw', { amount: 1_001 })
    expect(refused.body).toMatchObject({ code: 'BALANCE_INSUFFICIENT', balance: 1_000, required: 1_001 })
    clock.advance(60_000)
    expect(await read()).toEqual({ userId, balance: 1_000 })
  })

  test('may have an end with any offset, or null', async () => {
    const { post, read } = await served()
    await post('grant', { expiresAt: '2999-01-01T00:00:00.5+09:00' })
    await post('grant', { expiresAt: null })
    const { bonus } = await read()
    expect(bonus.map(({ expiresAt }: { expiresAt: string }) => expiresAt)).toEqual(['2998-12-31T15:00:00.500Z', null])
  })
})

test('a correction is told with its reason, and never takes bonus money', async () => {
  const { post, read, history } = await served()
  await post('grant', { amount: 50 })
  const refused = await post('adjust', { change: -1_001 })
  expect([refused.status, refused.body]).toMatchObject([
    409,
    { code: 'BALANCE_INSUFFICIENT', balance: 1_000, required: 1_001 },
  ])
  expect((await post('adjust', { change: -1_000, reason: '이중 입금' })).body.balance).toBe(50)
  expect((await history())[0]).toMatchObject({ kind: 'adjustment', amount: -1_000, balance: 50, reason: '이중 입금' })
  const limit = await post('adjust', { change: Number.MAX_SAFE_INTEGER })
  expect(limit.body).toMatchObject({ code: 'BALANCE_LIMIT_EXCEEDED', limit: Number.MAX_SAFE_INTEGER, balance: 50 })
  expect((await read()).balance).toBe(50)
})

describe('who may', () => {
  const callers: Readonly<Record<string, CallOptions>> = {
    nobody: { as: null },
    user: { as: 'mina' },
    other: { as: 'sora' },
    provider: { as: 'provider', scope: 'shop:charge' },
    administrator: {},
  }

  test.each<[Route, 'user' | 'administrator', string]>([
    ['charge', 'user', 'user administrator'],
    ['charge', 'administrator', 'provider administrator'],
    ['grant', 'user', 'provider administrator'],
    ['grant', 'administrator', 'provider administrator'],
    ['withdraw', 'user', 'administrator'],
    ['withdraw', 'administrator', 'administrator'],
    ['adjust', 'user', 'administrator'],
    ['adjust', 'administrator', 'administrator'],
  ])('%s, if charging is for %ss: %s', async (route, chargeAccess, allowed) => {
    const { call } = await serveShop({ deps: { chargeAccess } })
    await call('POST', '/api/users', { body: { userId: 'mina' } })
    await call('POST', routes.charge, { body: { userId: 'mina', amount: 1_000 } })
    for (const [name, options] of Object.entries(callers)) {
      const { status, body } = await call('POST', routes[route], { ...options, body: bodies[route] })
      const expected = allowed.split(' ').includes(name) ? 200 : name === 'nobody' ? 401 : 403
      expect([name, status, body.code]).toEqual([name, expected, { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' }[status]])
    }
  })

  test.each([
    '/api/admin/entries',
    '/api/admin/statement?from=2026-01-01&to=2026-01-01',
    '/api/balance/mina',
    '/api/balance/mina/history',
  ])('a payment provider may not read %s', async (path) => {
    const { call } = await serveShop({ deps: { chargeAccess: 'administrator' } })
    expect((await call('GET', path, callers['provider'])).body.code).toBe('FORBIDDEN')
  })

  test('the shape of a request is judged before who sends it', async () => {
    const { post } = await served()
    expect((await post('grant', { amount: 0 }, callers['user'])).body.code).toBe('INVALID_REQUEST')
    expect((await post('withdraw', { amount: 0 }, callers['nobody'])).body.code).toBe('UNAUTHENTICATED')
  })

  test.each([
    [['shop:charge'], 200],
    [['shop:other'], 403],
  ])("the host's own authentication gives the scopes %j: %i", async (scopes, status) => {
    const authenticator = hostAuthenticator(() => ({ userId: 'provider', roles: ['clerk'], scopes }))
    const { call } = await serveShop({ deps: { authenticator } })
    expect((await call('POST', routes.grant, { body: bodies.grant })).status).toBe(status)
  })

  test('without authentication, a key belongs to the user that the body names', async () => {
    const authenticator = { authenticate: async () => ({ userId: 'anonymous', isAdministrator: true }) }
    const { call } = await serveShop({ deps: { auth: 'off', authenticator } })
    const headers = { 'idempotency-key': 'one' }
    const grant = (userId: string, amount: number) =>
      call('POST', routes.grant, { as: null, headers, body: { userId, amount } })
    const answers = [await grant('a', 1), await grant('b', 2), await grant('a', 3)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 422])
  })
})
