import { ShopUnavailable } from '@shop/core'
import { StoreError } from '@shop/core/store'
import { describe, expect, test } from 'vitest'
import { problemCodes, problemKinds } from '../../src/http/problem-codes.js'
import { problemCases } from './support/problem-cases.js'
import { serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

describe('a problem', () => {
  test.each(problemCodes)('%s has its code, status, facts and both languages', async (code) => {
    const { setting = {}, arrange, facts = {} } = problemCases[code]
    const served = await serveShop(setting)
    const { status, headers, body } = await arrange(served, worldOf(served.call))
    const kind = problemKinds[code]
    expect(headers['content-type']).toBe('application/problem+json')
    expect(headers['cache-control']).toBe('no-store')
    expect(status).toBe(kind.status)
    expect(body).toMatchObject({ type: `/docs/problems#${code}`, code, title: kind.title, detail: kind.en, ...facts })
    expect(kind.ko).toMatch(/[가-힣]/)
    expect(served.answered.map((answered) => answered.code)).toContain(code)
  })

  test.each([
    ['UNAUTHENTICATED', 'www-authenticate', 'Bearer'],
    ['METHOD_NOT_ALLOWED', 'allow', 'POST, GET, HEAD'],
    ['UNAVAILABLE', 'retry-after', '1'],
  ] as const)('%s sends the header %s', async (code, header, value) => {
    const served = await serveShop(problemCases[code].setting)
    expect((await problemCases[code].arrange(served, worldOf(served.call))).headers[header]).toBe(value)
  })

  test('RATE_LIMITED sends Retry-After in seconds', async () => {
    const served = await serveShop(problemCases.RATE_LIMITED.setting)
    const { headers } = await problemCases.RATE_LIMITED.arrange(served, worldOf(served.call))
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  })

  test.each([
    ['ko', '존재하지 않는 사용자입니다', 'ko'],
    ['en;q=0.5, ko-KR', '존재하지 않는 사용자입니다', 'ko'],
    ['de, *;q=0.1', 'This user does not exist.', 'en'],
    [';;;=,,', 'This user does not exist.', 'en'],
  ])('with Accept-Language %s its detail is "%s"', async (language, detail, spoken) => {
    const { call } = await serveShop({ preset: 'coupon-at-payment' })
    const { body, headers } = await call('GET', '/api/balance/nobody', { headers: { 'accept-language': language } })
    expect([body.detail, headers['content-language'], headers.vary]).toEqual([detail, spoken, 'accept-language'])
  })

  test('has the status that the embedding application configures', async () => {
    const { call } = await serveShop({ deps: { problemStatus: { USER_NOT_FOUND: 404 } } })
    expect((await call('GET', '/api/balance/nobody')).status).toBe(404)
    const { body } = await call('GET', '/openapi.json')
    expect(body.paths['/api/balance/{userId}'].get.responses['404'].description).toContain('USER_NOT_FOUND')
  })

  test('from an internal error shows only the request id; the log has the details', async () => {
    const { call, log } = await serveShop(problemCases.INTERNAL.setting)
    const headers = { 'x-request-id': 'trace-42' }
    const { text, body } = await call('POST', '/api/users', { headers, body: { userId: 'someone' } })
    expect(text).not.toMatch(/secret|at .*:\d+/)
    expect(body.requestId).toBe('trace-42')
    const lines = log().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      requestId: 'trace-42',
      route: '/api/users',
      status: 500,
      err: { message: 'select secret from vault' },
    })
  })

  test.each([
    ['is stopping', new ShopUnavailable('stopping')],
    ['cannot tell whether it committed', new ShopUnavailable('lost', { ambiguous: true })],
    ['has no connection', new StoreError('unavailable', 'gone')],
    ['is busy', new StoreError('busy', 'locked')],
  ])('is UNAVAILABLE while the shop %s', async (_, error) => {
    const { call } = await serveShop({ shop: (shop) => ({ ...shop, execute: () => Promise.reject(error) }) })
    expect((await call('POST', '/api/users', { body: { userId: 'someone' } })).status).toBe(503)
  })
})
