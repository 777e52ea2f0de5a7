import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { makeRoutes } from '../../src/http/route-table.js'
import type { ShopsOptions } from '../../src/index.js'
import { contentOf, domain, type Shops, serveShops, stock, twoDatabases } from './support.js'

const databases = twoDatabases()

const shopsOf = (): Shops => ({
  books: { database: databases.a.url, schema: 'books' },
  music: { database: databases.a.url, schema: 'music' },
})

const routes = makeRoutes().filter(({ path }) => path.startsWith('/api/'))

/** A request that would be valid in its own shop. */
const pathOf = (path: string): string => path.replace('{productId}', 'mug').replace(/\{\w+\}/g, 'mina')

describe('a token of another shop', () => {
  test('gets 403 on every route, opens nothing and changes nothing', async () => {
    const shops = shopsOf()
    const prepared = await serveShops(shops)
    await stock(prepared, 'books')
    await prepared.server.close()
    const before = await contentOf(databases.a, 'books')
    const located: string[] = []
    const { call } = await serveShops(shops, {
      scheduler: false,
      locate: async (shopId) => {
        located.push(shopId)
        return shops[shopId]
      },
    })
    const answers = await Promise.all(
      routes.flatMap(({ method, path }) =>
        ['root', 'mina'].map(async (as) => {
          const body = method === 'GET' ? undefined : { userId: 'mina', amount: 100 }
          const { status, body: problem } = await call('books', method, pathOf(path), { tokenOf: 'music', as, body })
          return [method, path, as, status, problem.code]
        }),
      ),
    )
    expect(answers.filter(([, , , status, code]) => status !== 403 || code !== 'FORBIDDEN')).toEqual([])
    expect(answers.length).toBe(routes.length * 2)
    expect(located).toEqual([])
    expect(await contentOf(databases.a, 'books')).toBe(before)
  })

  test('stays of its shop when it is used for both in turn', async () => {
    const { call } = await serveShops(shopsOf())
    for (const shopId of ['music', 'books', 'music'] as const) {
      const { status } = await call(shopId, 'GET', '/api/admin/products', { tokenOf: 'music' })
      expect([shopId, status]).toEqual([shopId, shopId === 'music' ? 200 : 403])
    }
  })

  test.each([[null], [7], ['no id!']])('with the claim %j belongs to no shop', async (claim) => {
    const { call } = await serveShops(shopsOf(), { scheduler: false })
    const { status } = await call('books', 'GET', '/api/admin/products', { tokenOf: claim as string })
    expect(status).toBe(claim === null ? 401 : 403)
  })
})

describe('a shop is named', () => {
  const opened = (options: Partial<ShopsOptions>) => serveShops(shopsOf(), { scheduler: false, ...options })

  test('by the claim alone: public routes need a token, and the host name means nothing', async () => {
    const { call } = await opened({ tenants: { from: 'claim' } })
    expect((await call('books', 'GET', '/api/products', { tokenOf: null })).status).toBe(401)
    expect((await call('nowhere', 'GET', '/api/products', { tokenOf: 'books' })).status).toBe(200)
    expect((await call('books', 'GET', '/api/products', { tokenOf: 'ghost' })).body.code).toBe('SHOP_NOT_FOUND')
  })

  test('by a header of a trusted proxy', async () => {
    const { call } = await opened({ tenants: { from: 'header', header: 'X-Store' }, trustProxy: 1 })
    const named = (shop: string) =>
      call('nowhere', 'GET', '/api/products', { tokenOf: null, headers: { 'x-store': shop } })
    expect((await named('books')).status).toBe(200)
    expect((await named('ghost')).body.code).toBe('SHOP_NOT_FOUND')
    expect((await call('books', 'GET', '/api/products', { tokenOf: null })).body.code).toBe('SHOP_NOT_FOUND')
    const crossed = await call('nowhere', 'GET', '/api/admin/products', {
      tokenOf: 'music',
      headers: { 'x-store': 'books' },
    })
    expect(crossed.status).toBe(403)
  })

  test('by a whole host name', async () => {
    const { call } = await opened({ tenants: { from: 'host', hosts: { [`Buch.${domain}`]: 'books' } } })
    expect((await call('buch', 'GET', '/api/products', { tokenOf: null })).status).toBe(200)
    expect((await call('books', 'GET', '/api/products', { tokenOf: null })).status).toBe(404)
  })

  test.each(['ghost', 'a.books', '..', 'books%20'])('%s names no shop: 404', async (shopId) => {
    const { call } = await opened({})
    const { status, body } = await call(shopId, 'GET', '/api/products', { tokenOf: null })
    expect([status, body.code]).toEqual([404, 'SHOP_NOT_FOUND'])
  })

  test('by what authenticate of the host returns', async () => {
    const { call } = await opened({
      auth: undefined,
      authenticate: ({ headers }) => ({ userId: 'mina', roles: ['admin'], shopId: String(headers['x-of']) }),
    })
    const status = async (of: string) =>
      (await call('books', 'GET', '/api/admin/products', { headers: { 'x-of': of } })).status
    expect([await status('books'), await status('music')]).toEqual([200, 403])
  })
})

test('guards and the log learn of which shop a request is, also without a token and if it is refused', async () => {
  const contexts: unknown[] = []
  const lines: string[] = []
  const { call } = await serveShops(shopsOf(), {
    scheduler: false,
    auth: 'off',
    authOffIsSafe: true,
    tenants: { from: 'header' },
    trustProxy: 1,
    context(_request, _caller, { shopId }) {
      contexts.push(shopId)
      return {}
    },
    logger: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
  })
  const headers = { 'x-shop-id': 'music' }
  const body = { userId: 'nobody', products: [{ productId: 'none', quantity: 1 }] }
  const answer = await call('nowhere', 'POST', '/api/orders', { tokenOf: null, headers, body })
  expect([answer.status, contexts]).toEqual([404, ['music']])
  const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered')
  expect(answered).toMatchObject([{ status: 404, shop: 'music' }])
})

test('the OpenAPI document of many shops says what they refuse', async () => {
  const { call } = await serveShops(shopsOf(), { scheduler: false })
  const { body } = await call('nowhere', 'GET', '/openapi.json', { tokenOf: null })
  const { responses } = body.paths['/api/products'].get
  expect([responses['404'].description, responses['403'].description]).toEqual([
    expect.stringContaining('SHOP_NOT_FOUND'),
    expect.stringContaining('FORBIDDEN'),
  ])
})

test('what belongs to the process needs no shop', async () => {
  const { call } = await serveShops(shopsOf(), { scheduler: false })
  for (const path of ['/healthz', '/readyz', '/metrics', '/docs', '/openapi.json'])
    expect([path, (await call('nowhere', 'GET', path, { tokenOf: null })).status]).toEqual([path, 200])
})
