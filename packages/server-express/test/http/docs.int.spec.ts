import { describe, expect, test } from 'vitest'
import { problemCodes } from '../../src/http/problem-codes.js'
import { makeRoutes } from '../../src/http/route-table.js'
import { serveShop } from './support/served-shop.js'

const refsOf = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  const nested = Object.values(value).flatMap(refsOf)
  return '$ref' in value && typeof value.$ref === 'string' ? [value.$ref, ...nested] : nested
}

describe('the OpenAPI document', () => {
  test('lists every route of the table', async () => {
    const { call } = await serveShop()
    const { body } = await call('GET', '/openapi.json', { as: null })
    const listed = Object.entries(body.paths as object).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const expected = makeRoutes().filter(({ isListed }) => isListed)
    expect(listed.sort()).toEqual(expected.map(({ method, path }) => `${method} ${path}`).sort())
    expect(body.openapi).toBe('3.1.0')
  })

  test('contains every schema that it references', async () => {
    const { call } = await serveShop()
    const { body } = await call('GET', '/openapi.json')
    const refs = new Set(refsOf(body))
    expect(refs.size).toBeGreaterThan(50)
    for (const ref of refs) {
      const found = ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], body)
      expect(found, ref).toBeDefined()
    }
  })

  test('names Retry-After where a response may carry it, and nowhere else', async () => {
    const { call } = await serveShop()
    const { body } = await call('GET', '/openapi.json')
    const tellsWhen = /PRODUCT_NOT_ON_SALE|RATE_LIMITED|UNAVAILABLE/
    for (const [path, methods] of Object.entries(body.paths as object))
      for (const { responses } of Object.values(methods as Record<string, { responses: object }>))
        for (const { headers = {}, description } of Object.values(responses))
          expect('retry-after' in headers, `${path}: ${description}`).toBe(tellsWhen.test(description))
    const placed = body.paths['/api/orders'].post.responses
    expect(placed['409'].headers).toEqual({ 'retry-after': { $ref: '#/components/headers/RetryAfter' } })
  })

  test('names each operation once, with its parameters, body and problems', async () => {
    const { call } = await serveShop()
    const { body } = await call('GET', '/openapi.json')
    const operations = Object.values(body.paths as object).flatMap((methods) => Object.values(methods as object))
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    const charge = body.paths['/api/balance/charge'].post
    expect(charge.security).toEqual([{ bearer: [] }])
    expect(Object.keys(charge.responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '409',
      '413',
      '415',
      '422',
      '429',
      '500',
      '503',
    ])
    const history = body.paths['/api/balance/{userId}/history'].get
    expect(history.parameters.map((parameter: { name: string }) => parameter.name)).toEqual([
      'userId',
      'limit',
      'cursor',
    ])
    expect(history.parameters[1].schema).toEqual({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
    expect(body.paths['/api/products'].get.security).toEqual([])
  })
})

describe('the docs page', () => {
  test('loads only files of this server, as its CSP allows', async () => {
    const { call } = await serveShop()
    const page = await call('GET', '/docs', { as: null })
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('upgrade-insecure-requests')
    expect(page.text).not.toMatch(/<script>|<script[^>]*>[^<]|onload=|https?:/)
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string)
    expect(links).toHaveLength(4)
    for (const link of links) {
      const asset = await call('GET', new URL(link, 'http://x/docs').pathname, { as: null })
      expect([asset.status, asset.text.length > 0]).toEqual([200, true])
    }
    const start = await call('GET', '/docs/start.js', { as: null })
    expect(start.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(start.text).toContain("url: 'openapi.json'")
  })

  test('has an anchor for the type of every problem', async () => {
    const { call } = await serveShop()
    const { text } = await call('GET', '/docs/problems', { as: null })
    for (const code of problemCodes) expect(text).toContain(`id="${code}"`)
  })

  test('API responses may load nothing and be framed by nothing', async () => {
    const { call } = await serveShop()
    const { headers } = await call('GET', '/api/products', { as: null })
    expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers['cache-control']).toBe('no-cache')
    expect((await call('GET', '/api/orders')).headers['cache-control']).toBe('no-store')
  })
})

describe('readiness', () => {
  test.each([
    ['up', true, { database: { status: 'up' } }, 200],
    ['degraded', true, { database: { status: 'up' }, redis: { status: 'degraded', detail: 'slow' } }, 200],
    ['down', true, { database: { status: 'down', detail: 'no connection' }, redis: { status: 'up' } }, 503],
    ['down', false, {}, 503],
  ] as const)('is %s while serving is %s and the checks say %j', async (status, isServing, checks, code) => {
    const readiness = { isServing: () => isServing, check: async () => checks }
    const { call } = await serveShop({ deps: { readiness } })
    const answer = await call('GET', '/readyz', { as: null })
    expect([answer.status, answer.body]).toEqual([code, { status, checks }])
    expect((await call('GET', '/healthz', { as: null })).status).toBe(200)
  })

  test('is down if the check fails', async () => {
    const readiness = { isServing: () => true, check: () => Promise.reject(new Error('bug')) }
    const { call, log } = await serveShop({ deps: { readiness } })
    expect((await call('GET', '/readyz')).status).toBe(503)
    expect(log()).toContain('bug')
  })
})

test('/metrics returns the output of the registry', async () => {
  const { call } = await serveShop()
  const { text, headers } = await call('GET', '/metrics', { as: null })
  expect([text, headers['content-type']]).toEqual(['shop_up 1\n', 'text/plain; version=0.0.4'])
})
